import assert from "node:assert/strict";
import * as fs from "node:fs";
import { RENEWAL_TIMER, renewalTime } from "../../../components/bootstrap/renewal";
import { k3sStep } from "../../../components/bootstrap/k3s/steps";
import { rke2Step } from "../../../components/bootstrap/rke2/steps";
import { Installer } from "./installer";
import { argsOf, machineNamed, THREE_CONTROL_PLANES } from "./sites";

const DATA = "/var/lib/rancher/k3s";
const READY = "maple Ready control-plane\\nsecond Ready control-plane";

describe("certificates that only a restart renews", () => {
  let box: Installer;
  const certificate = (file: string, days: number): void => {
    box.write(`${DATA}/${file}`, String(days));
  };
  /** A start of the service makes new certificates, unless the machine is broken. */
  const machine = (nodes = READY, renews = true): void => {
    box = new Installer("files/renew-by-restart.sh", {
      openssl: 'for file; do :; done; [ "$(cat "$file")" -ge $(($4 / 86400)) ]',
      systemctl: renews
        ? `for file in \${0%/bin/*}${DATA}/*/*.crt \${0%/bin/*}${DATA}/server/tls/client-*.crt; do [ ! -e "$file" ] || echo 365 >"$file"; done`
        : "",
      kubectl: `printf '${nodes}\\n'`,
    });
  };
  const look = (service = "k3s") => {
    const kubectl = service === "k3s" ? [box.at("bin/kubectl")] : [];
    return box.run(service, box.at(DATA), "maple", "/k3s.yaml", ...kubectl);
  };
  const restarts = (calls: readonly string[]) => calls.filter((call) => call.includes("restart"));
  afterEach(() => {
    box.remove();
  });

  it("are left alone while they hold, as those of the authorities always are", () => {
    machine();
    certificate("server/tls/client-admin.crt", 61);
    certificate("server/tls/server-ca.crt", 5);
    certificate("agent/client-ca.crt", 5);
    const { code, calls } = look();
    assert.deepEqual([code, restarts(calls)], [0, []]);
  });

  it("are renewed by a restart before they end, on servers and agents", () => {
    for (const service of ["k3s", "k3s-agent"]) {
      machine();
      certificate("agent/client-kubelet.crt", 59);
      const { code, stderr, calls } = look(service);
      assert.equal(code, 0, stderr);
      assert.deepEqual(restarts(calls), [`systemctl restart ${service}`]);
      assert.deepEqual(restarts(look(service).calls), []);
      if (service === "k3s") box.remove();
    }
  });

  it("wait on a server while another server does not run", () => {
    machine("maple Ready control-plane\\nsecond NotReady control-plane");
    certificate("server/tls/client-admin.crt", 20);
    const { code, stderr, calls } = look();
    assert.deepEqual([code, restarts(calls)], [1, []]);
    assert.match(stderr, /second does not run: k3s is not restarted\nto do: start that server/);
  });

  it("wait as well where the API server does not answer", () => {
    machine();
    box.write("bin/kubectl", "#!/bin/sh\nexit 1\n");
    certificate("server/tls/client-admin.crt", 20);
    const { code, calls } = look();
    assert.deepEqual([code, restarts(calls)], [1, []]);
  });

  it("do not wait where one has ended: such a server serves nobody", () => {
    machine();
    box.write("bin/kubectl", "#!/bin/sh\nexit 1\n");
    certificate("server/tls/client-admin.crt", -1);
    const { code, stderr, calls } = look();
    assert.equal(code, 0, stderr);
    assert.deepEqual(restarts(calls), ["systemctl restart k3s"]);
  });

  it("cause no second restart where the first one has renewed nothing, and that is said", () => {
    machine(READY, false);
    certificate("server/tls/client-mine.crt", 20);
    const first = look();
    assert.deepEqual([first.code, restarts(first.calls).length], [1, 1]);
    const second = look();
    assert.deepEqual([second.code, restarts(second.calls)], [1, []]);
    assert.match(second.stderr, /client-mine\.crt ends .* has not renewed it\nto do: read/);
    const week = new Date(Date.now() - 9 * 86_400_000);
    fs.utimesSync(box.at("/var/lib/vmstation/bootstrap/renewed-by-restart"), week, week);
    assert.equal(restarts(look().calls).length, 1);
  });
});

describe("the timer of such a renewal", () => {
  const timers = (method: "k3s" | "rke2", settings = {}) => {
    const args = { ...argsOf(method, settings, ...THREE_CONTROL_PLANES) };
    return args.machines.map((machine) => {
      const step =
        method === "k3s"
          ? k3sStep(argsOf("k3s", settings, ...THREE_CONTROL_PLANES), machine, {
              server: "s",
              agent: "a",
            })
          : rke2Step(
              argsOf("rke2", settings, ...THREE_CONTROL_PLANES),
              machineNamed(args.machines, "maple"),
              machine,
              "t",
            );
      const timer = step.files?.find(({ path }) => path.endsWith(RENEWAL_TIMER));
      return [step.settings?.RENEWS, /^OnCalendar=(.*)$/m.exec(timer?.content ?? "")?.[1]];
    });
  };

  for (const method of ["k3s", "rke2"] as const)
    it(`is on every machine by ${method}, each at a time of its own, unless nobody wants it`, () => {
      const found = timers(method);
      assert.ok(found.every(([renews]) => renews === true));
      assert.equal(new Set(found.map(([, time]) => time)).size, found.length);
      assert.deepEqual(
        new Set(timers(method, { renewCertificates: false }).flat()),
        new Set([false, undefined]),
      );
    });

  it("is at a time of the day, however many machines there are", () => {
    assert.deepEqual([0, 1, 7].map(renewalTime), ["03:00", "03:10", "04:10"]);
    for (let place = 0; place < 400; place += 1)
      assert.match(renewalTime(place), /^([01]\d|2[0-3]):[0-5]0$/);
  });
});
