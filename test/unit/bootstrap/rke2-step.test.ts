import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { rke2Step } from "../../../components/bootstrap/rke2/steps";
import { Sandbox, type Ran } from "../../support/sandbox";
import { argsOf, machineNamed } from "./sites";

const TOKEN = "t0ken";
const FOLDERS = ["/etc/rancher", "/var/lib/rancher", "/etc/systemd/system", "/etc/vmstation"];
const CONFIG = "/etc/rancher/rke2/config.yaml";
const DATA = "/var/lib/rancher/rke2";

describe("a machine's step by RKE2", () => {
  let box: Sandbox;
  const write = (file: string, content: string): void => {
    fs.mkdirSync(path.dirname(box.at(file)), { recursive: true });
    box.write(file, content);
  };
  const moved = (text: string): string =>
    [...FOLDERS, "/usr/local"].reduce(
      (all, folder) => all.replaceAll(folder, box.at(folder)),
      text,
    );
  /** The step with its files below the box; instead of its long run it says so. */
  const run = (settings: Readonly<Record<string, unknown>> = {}, name = "maple"): Ran => {
    const args = argsOf("rke2", { existing: "refuse", ...settings });
    const controller = machineNamed(args.machines, "maple");
    const step = rke2Step(args, controller, machineNamed(args.machines, name), TOKEN);
    const script = `systemctl() { :; }\n${moved(step.script)}`;
    const files = (step.files ?? []).map(({ path: file, content, ...more }) =>
      box.file(file, moved(content), { ...more, validate: undefined }),
    );
    return box.run(
      { ...step, script: script.replace("run_long rke2", "echo RAN >&2; :"), files },
      "apply",
    );
  };
  /** Whether the step has changed or started anything. */
  const touched = ({ stderr }: Ran) => [
    stderr.includes("RAN"),
    box.exists("/etc/vmstation/renewal"),
  ];
  beforeEach(() => {
    box = new Sandbox();
    for (const folder of FOLDERS) fs.mkdirSync(box.at(folder), { recursive: true });
    fs.mkdirSync(box.at("state"), { recursive: true });
  });
  afterEach(() => {
    box.remove();
  });

  it("lays down its files on a machine that has no cluster, and is its own from then on", () => {
    assert.deepEqual(touched(run()), [true, true]);
    write(`${DATA}/server/token`, `K10aa::server:${TOKEN}\n`);
    assert.deepEqual(touched(run({ maxPods: 60 })), [true, true]);
    assert.match(box.read(CONFIG), /max-pods=60/);
  });

  for (const [mark, name] of [
    ["/etc/rancher/rke2/rke2.yaml", "maple"],
    [`${DATA}/server/token`, "maple"],
    [`${DATA}/agent/kubelet.kubeconfig`, "hazel"],
  ] as const)
    it(`refuses an RKE2 of somebody else's before it replaces anything of it (${mark})`, () => {
      write(mark, "theirs");
      write(CONFIG, "token: theirs\n");
      const ran = run({}, name);
      assert.match(ran.stderr, /a cluster runs here that this stack did not install/);
      assert.deepEqual([box.read(CONFIG), ...touched(ran)], ["token: theirs\n", false, false]);
    });

  it("takes no cluster over whose token or networks are others, and changes nothing of it", () => {
    write(`${DATA}/server/token`, "K10aa::server:theirs0000\n");
    const token = run({ existing: "adopt" });
    assert.match(token.stderr, /RKE2's servers have another token than this stack; nothing was/);
    assert.doesNotMatch(token.stderr, /theirs0000|t0ken/);
    write(`${DATA}/server/token`, `K10aa::server:${TOKEN}\n`);
    const networks = run({ existing: "adopt" });
    assert.match(networks.stderr, /network\.podCidr: the cluster has 10\.42\.0\.0\/16, /);
    for (const ran of [token, networks]) assert.deepEqual(touched(ran), [false, false]);
    assert.ok(!box.exists(CONFIG));
    const { podCidr, serviceCidr, clusterDns } = argsOf("rke2").network;
    const same = `cluster-cidr: ${podCidr}\nservice-cidr: "${serviceCidr}"\ncluster-dns: ${clusterDns}\n`;
    write(CONFIG, same);
    assert.deepEqual(touched(run({ existing: "adopt" })), [true, true]);
  });

  it("lays its files down after a wipe, not before: the wipe takes their folder", () => {
    const uninstall = `#!/bin/sh\nrm -r ${box.at("/etc/rancher/rke2")} ${box.at(DATA)}\n`;
    write("/usr/local/bin/rke2-uninstall.sh", uninstall);
    fs.chmodSync(box.at("/usr/local/bin/rke2-uninstall.sh"), 0o755);
    write(`${DATA}/server/token`, "K10aa::server:theirs0000\n");
    write(CONFIG, "token: theirs0000\n");
    const ran = run({ existing: "reset", resetClusterName: "homelab" });
    assert.deepEqual(touched(ran), [true, true], ran.stderr);
    assert.match(box.read(CONFIG), /^token: t0ken$/m);
  });
});
