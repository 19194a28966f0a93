import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { installStep } from "../../../components/bootstrap/kubeadm/steps";
import type { Machine } from "../../../components/node/machine";
import { argsOf, type ArgsOf } from "./sites";

const FILES = path.join(__dirname, "../../../components/bootstrap/kubeadm/files");
const TIMER = "/etc/systemd/system/vmstation-renew-certificates.timer";

function machine(args: ArgsOf<"kubeadm">, name: string): Machine {
  const found = args.machines.find((one) => one.name === name);
  assert.ok(found);
  return found;
}

describe("the certificates of a control plane by kubeadm", () => {
  it("are renewed by a timer there, not on workers, and not where that is not wanted", () => {
    const renewal = (name: string, settings = {}) => {
      const args = argsOf("kubeadm", settings);
      const step = installStep(args, machine(args, name), name === "maple");
      return [step.settings?.RENEWS, step.files?.some((file) => file.path === TIMER)];
    };
    assert.deepEqual(renewal("maple"), [true, true]);
    assert.deepEqual(renewal("hazel"), [false, false]);
    assert.deepEqual(renewal("maple", { renewCertificates: false }), [false, false]);
  });

  it("are renewed first, then each static pod starts with them, once the API is back from the one before", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-renewal-"));
    const log = path.join(folder, "log");
    for (const [name, more] of Object.entries({ kubeadm: "", crictl: "echo pod", curl: "" })) {
      const note =
        name === "curl" ? `for last; do :; done; echo "curl $last"` : `echo "${name} $*"`;
      const text = `#!/bin/sh\n{ ${note}; } >>${log}\n${more}\n`;
      fs.writeFileSync(path.join(folder, name), text, { mode: 0o755 });
    }
    const script = fs
      .readFileSync(path.join(FILES, "renew-certificates.sh"), "utf8")
      .replace("PATH=/usr/local/bin:", `PATH=${folder}:`);
    const ran = spawnSync("sh", ["-c", script, "renew", "6443"], { encoding: "utf8" });
    assert.equal(ran.status, 0, ran.stderr);
    const restarts = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
    assert.deepEqual(fs.readFileSync(log, "utf8").trimEnd().split("\n"), [
      "kubeadm certs renew all",
      ...restarts.flatMap((pod) => [
        `crictl pods --namespace kube-system --name ^${pod}- --quiet`,
        "crictl rmp --force pod",
        "curl https://127.0.0.1:6443/readyz",
      ]),
    ]);
    fs.rmSync(folder, { recursive: true });
  });

  it("have units that systemd accepts", () => {
    const ran = spawnSync("systemd-analyze", ["calendar", "Mon *-*-1..7 03:00:00"]);
    if (ran.error === undefined) assert.equal(ran.status, 0);
    const timer = fs.readFileSync(path.join(FILES, path.basename(TIMER)), "utf8");
    assert.match(timer, /^OnCalendar=Mon \*-\*-1\.\.7 03:00:00$/m);
    const service = fs.readFileSync(
      path.join(FILES, "vmstation-renew-certificates.service"),
      "utf8",
    );
    const [, entry] = /^ExecStart=(\S+) \$\{API_PORT\}$/m.exec(service) ?? [];
    const args = argsOf("kubeadm");
    const { files = [] } = installStep(args, machine(args, "maple"), true);
    assert.ok(files.some((file) => file.path === entry && file.mode === "0755"));
    assert.ok(files.some((file) => file.content === "API_PORT=6443\n"));
  });
});
