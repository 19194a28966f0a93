import assert from "node:assert/strict";
import * as fc from "fast-check";
import { renderHosts } from "../../../components/node/identity-step";
import { mergeSysctls, renderSysctlFile, SYSCTLS } from "../../../components/node/kernel-step";
import {
  limitLogs,
  renderLogrotate,
  renderLogrotateTimer,
} from "../../../components/node/log-server";
import { renderLogClient } from "../../../components/node/logs-step";
import { listPackages } from "../../../components/node/packages-step";
import { listSshdOptions } from "../../../components/node/sshd-step";
import { nodeSteps } from "../../../components/node/steps";
import { renderChrony } from "../../../components/node/time-step";
import { type Step, stepsOf } from "../../../components/remote/step";
import { nodeContextOf } from "../../../stacks/node-context";
import { homelabSite } from "../../support/site";

const context = nodeContextOf(homelabSite());

function machine(name: string): (typeof context.machines)[number] {
  const found = context.machines.find((m) => m.name === name);
  assert.ok(found);
  return found;
}

/** All of a machine's steps, whichever resource does them. */
function stepsFor(name: string, given = context): Step[] {
  return nodeSteps(machine(name), given).flatMap(stepsOf);
}

describe("a machine's steps", () => {
  it("come in order, what could lock the operator out last", () => {
    const work = nodeSteps(machine("hazel"), context);
    assert.deepEqual(
      work.map(({ name }) => name),
      ["system", "access", "confirm", "ready"],
    );
    assert.deepEqual(
      work.map((each) => stepsOf(each).map((step) => step.name)),
      [
        ["identity", "packages", "kernel", "storage", "time", "logs"],
        ["firewall", "sshd"],
        ["confirm"],
        ["ready"],
      ],
    );
  });

  it("leave the firewall alone where it is not wanted, and still confirm sshd", () => {
    const firewall = { ...context.config.firewall, enabled: false };
    const config = { ...context.config, firewall };
    const steps = stepsFor("hazel", { ...context, config });
    assert.ok(!steps.some((step) => step.name === "firewall"));
    assert.deepEqual(steps.at(-1)?.confirms, ["access"]);
  });

  it("add pods' interfaces to those that NetworkManager is kept from, and replace no list of the operator's", () => {
    const kernel = stepsFor("hazel").find(({ name }) => name === "kernel");
    const file = kernel?.files?.find(({ path }) => path.startsWith("/etc/NetworkManager/conf.d/"));
    const [, key, list] = /^\[keyfile\]\n(.*?=)(.*)$/m.exec(file?.content ?? "") ?? [];
    assert.equal(key, "unmanaged-devices+=", "a plain = would drop what another file there lists");
    assert.ok(list?.split(";").includes("interface-name:cali*"), list);
  });

  it("confirm firewall and sshd again whenever one of them changes", () => {
    const confirms = (changed: typeof context) =>
      stepsFor("hazel", changed).at(-1)?.settings?.CONFIRMS;
    const sshd = { ...context.config.sshd, maxAuthTries: 9 };
    const before = confirms(context);
    assert.deepEqual(confirms({ ...context }), before);
    assert.notDeepEqual(confirms({ ...context, config: { ...context.config, sshd } }), before);
    assert.notDeepEqual(confirms({ ...context, podCidr: "10.99.0.0/16" }), before);
  });

  it("leave out a mount whose disk is not known, and bring a unit pair for one that is", () => {
    const storage = stepsFor("maple").find((s) => s.name === "storage");
    assert.ok(storage);
    assert.deepEqual(storage.settings?.MOUNTS, ["/mnt/media mnt-media -"]);
    assert.deepEqual(
      storage.files?.map((file) => file.path),
      ["/etc/systemd/system/mnt-media.mount", "/etc/systemd/system/mnt-media.automount"],
    );
  });
});

describe("the files of a machine", () => {
  it("name every machine in /etc/hosts, in the same order for any order of the configuration", () => {
    const forwards = renderHosts(context);
    assert.deepEqual(
      renderHosts({ ...context, machines: [...context.machines].reverse() }),
      forwards,
    );
    assert.deepEqual(forwards, [
      "192.168.8.62 hazel.vmstation.local hazel",
      "192.168.8.63 maple.vmstation.local maple",
      "192.168.8.61 spruce.vmstation.local spruce",
    ]);
  });

  it("have the time server ask the pool and serve the LAN, the others prefer it", () => {
    const server = renderChrony(machine("maple"), context);
    assert.match(server, /^allow 192\.168\.8\.0\/24$/m);
    assert.doesNotMatch(server, /prefer/);
    const client = renderChrony(machine("hazel"), context);
    assert.match(client, /^server 192\.168\.8\.63 iburst prefer$/m);
    assert.match(client, /^server 3\.pool\.ntp\.org iburst$/m);
    assert.doesNotMatch(client, /^allow|^local/m);
    for (const text of [server, client]) assert.match(text, /^makestep 1\.0 3\nrtcsync$/m);
  });

  it("queue what the log server misses, and turn its files by day and by size", () => {
    assert.match(
      renderLogClient("10.0.0.1", 1e9),
      /target="10\.0\.0\.1" port="514" protocol="tcp"/,
    );
    assert.match(renderLogClient("10.0.0.1", 1e9), /queue\.maxDiskSpace="1000000000"/);
    assert.match(
      renderLogrotate(90, [], limitLogs(1e10, 2)),
      /daily\n {2}rotate 90\n {2}maxage 90\n {2}maxsize 16777216\n {2}nodateext\n/,
    );
  });

  it("check the size of logs every ten minutes on the log server only", () => {
    const timer = "/etc/systemd/system/logrotate.timer.d/50-vmstation.conf";
    assert.match(renderLogrotateTimer(), /^OnCalendar=\nOnCalendar=\*:0\/10$/m);
    for (const [name, files] of [
      ["maple", [timer]],
      ["hazel", []],
    ] as const) {
      const logs = stepsFor(name).find((step) => step.name === "logs");
      const paths = logs?.files?.map((file) => file.path).filter((path) => path === timer);
      assert.deepEqual([paths, logs?.settings?.LOGROTATE_TIMER], [files, files.join("")]);
      assert.equal(listPackages(machine(name), context).includes("logrotate"), files.length > 0);
    }
  });

  it("set every kernel parameter once; the user's value wins", () => {
    const value = fc.stringMatching(/^[0-9]{1,6}$/);
    const own = fc.dictionary(fc.constantFrom("vm.swappiness", ...Object.keys(SYSCTLS)), value);
    fc.assert(
      fc.property(own, fc.boolean(), (user, bridge) => {
        const pairs = mergeSysctls(bridge ? ["br_netfilter"] : [], user);
        const merged = Object.fromEntries(pairs);
        assert.equal(pairs.length, Object.keys(merged).length);
        for (const [key, wanted] of Object.entries({ ...SYSCTLS, ...user }))
          assert.equal(merged[key], wanted);
        assert.equal("net.bridge.bridge-nf-call-iptables" in merged, bridge);
        assert.equal(renderSysctlFile(pairs).split("\n").length, pairs.length + 2);
      }),
    );
  });

  it("list packages by the names of the system, each once", () => {
    const debian = listPackages(machine("spruce"), context);
    assert.ok(debian.includes("nfs-kernel-server") && debian.includes("nfs-common"));
    const rhel = listPackages(machine("hazel"), context);
    assert.ok(
      rhel.includes("nfs-utils") &&
        rhel.includes("kernel-modules-extra") &&
        rhel.includes("ipmitool"),
    );
    assert.ok(!rhel.includes("nfs-common"));
    for (const list of [debian, rhel]) assert.equal(new Set(list).size, list.length);
  });

  it("say only what the machine's sshd understands", () => {
    const keywords = (name: string) => listSshdOptions(machine(name), context).map(([key]) => key);
    assert.ok(keywords("hazel").includes("PerSourcePenaltyExemptList"));
    assert.ok(!keywords("maple").includes("PerSourcePenaltyExemptList"));
    assert.deepEqual(
      listSshdOptions(machine("maple"), context).filter(([key]) => /Root|Password/.test(key)),
      [
        ["PermitRootLogin", "no"],
        ["PasswordAuthentication", "no"],
      ],
    );
  });
});
