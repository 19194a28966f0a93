import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { k3sStep, resetStep } from "../../../components/bootstrap/k3s/steps";
import type { Machine } from "../../../components/node/machine";
import type { Step } from "../../../components/remote/step";
import { Sandbox } from "../../support/sandbox";
import { TOKENS } from "./k3s-cluster";
import { argsOf, machineNamed, THREE_CONTROL_PLANES } from "./sites";

const FOLDERS = ["/etc/rancher", "/var/lib/rancher", "/etc/systemd/system", "/etc/vmstation"];
const MORE = ["/usr/local", "/etc/cni", "/run/k3s", "/var/lib/kubelet", "/proc/self/mounts"];

/** A reset looks whether an earlier one has left any route to pods. */
const LOOK = "ip -4 route show root 10.244.0.0/16\n";

describe("a machine's step by K3s", () => {
  let box: Sandbox;
  const write = (file: string, content: string): void => {
    fs.mkdirSync(path.dirname(box.at(file)), { recursive: true });
    box.write(file, content);
  };
  const moved = (text: string): string =>
    [...FOLDERS, ...MORE].reduce((all, folder) => all.replaceAll(folder, box.at(folder)), text);
  /** The step with its files below the box; instead of its long run it says so. What the system is asked is noted. */
  const below = (step: Step): Step => ({
    ...step,
    script: [
      'note() { printf "%s\\n" "$*" >>"$STATE/calls"; }',
      ...["systemctl", "umount", "ip", "kill"].map((name) => `${name}() { note ${name} "$@"; }`),
      "ps() { printf '%s\\n' '1 0 init' '20 1 containerd-shim -address /run/k3s/containerd/containerd.sock' '21 20 pause' '22 21 child' '30 1 containerd-shim -address /run/containerd/containerd.sock' '31 30 other'; }".replace(
        "/run/k3s",
        box.at("/run/k3s"),
      ),
      moved(step.script).replace("run_long k3s", "echo RAN >&2; :"),
    ].join("\n"),
    files: (step.files ?? []).map(({ path: file, content, ...more }) =>
      box.file(file, moved(content), { ...more, validate: undefined }),
    ),
  });
  const run = (settings: Readonly<Record<string, unknown>> = {}, name = "maple") => {
    const args = argsOf("k3s", { existing: "refuse", ...settings });
    return box.run(below(k3sStep(args, machineNamed(args.machines, name), TOKENS)), "apply");
  };
  const CONFIG = "/etc/rancher/k3s/config.yaml";
  beforeEach(() => {
    box = new Sandbox();
    for (const folder of FOLDERS) fs.mkdirSync(box.at(folder), { recursive: true });
    fs.mkdirSync(box.at("state"), { recursive: true });
  });
  afterEach(() => {
    box.remove();
  });

  it("lays down its files on a machine that has no cluster, and is its own from then on", () => {
    const first = run();
    assert.match(first.stderr, /RAN/);
    assert.match(box.read(CONFIG), /^cluster-init: true$/m);
    write("/var/lib/rancher/k3s/server/token", `K10aa::server:${TOKENS.server}\n`);
    assert.match(run().stderr, /RAN/);
    const refused = run({ apiServerPort: 8443 });
    assert.match(refused.stderr, /bootstrap\.apiServerPort: the cluster has 6443, .* says 8443/);
    assert.doesNotMatch(refused.stderr, /RAN/);
    assert.match(box.read(CONFIG), /^https-listen-port: 6443$/m);
  });

  for (const [mark, name] of [
    ["/etc/systemd/system/k3s.service", "maple"],
    ["/var/lib/rancher/k3s/agent/kubelet.kubeconfig", "hazel"],
  ] as const) {
    it(`refuses a K3s of somebody else's before it replaces anything of it (${mark})`, () => {
      write(mark, "theirs");
      const ran = run({}, name);
      assert.match(ran.stderr, /a cluster runs here that this stack did not install/);
      assert.equal(box.read(mark), "theirs");
      assert.ok(!box.exists(CONFIG));
    });
  }

  it("begins no second cluster where another control plane runs one", () => {
    const args = argsOf("k3s", { existing: "refuse" }, ...THREE_CONTROL_PLANES);
    const begin = (name: string, answers: string) => {
      const step = below(k3sStep(args, machineNamed(args.machines, name), TOKENS));
      const curl = `curl() { case $* in *${answers}*) ;; *) return 7 ;; esac; }`;
      return box.run({ ...step, script: `${curl}\n${step.script}` }, "apply");
    };
    const third = machineNamed(args.machines, "third").address;
    const refused = begin("maple", `https://${third}:6443/version`);
    assert.match(refused.stderr, /third runs an API server, .* a second cluster would begin here/);
    assert.doesNotMatch(refused.stderr, /RAN/);
    assert.ok(!box.exists(CONFIG));
    // One that joins finds it so, and so does a first installation that nobody answers.
    assert.match(begin("second", third).stderr, /RAN/);
    fs.rmSync(box.at("state/bootstrap"), { recursive: true });
    fs.rmSync(box.at("/etc/systemd/system/k3s.service"), { force: true });
    assert.match(begin("maple", "nobody").stderr, /RAN/);
  });

  it("adopts one with the same networks and token, told by its unit's options or K3s's own defaults", () => {
    const unit = "/etc/systemd/system/k3s.service";
    write("/var/lib/rancher/k3s/server/token", `K10aa::server:${TOKENS.server}\n`);
    write(
      unit,
      "ExecStart=/usr/local/bin/k3s \\\n    server \\\n\t'--cluster-cidr=10.244.0.0/16' \\\n\t'--service-cidr' \\\n\t'10.96.0.0/12' \\\n",
    );
    const dns = run({ existing: "adopt" });
    assert.match(dns.stderr, /network\.clusterDns: the cluster has 10\.43\.0\.10, .* says 10\.96/);
    assert.doesNotMatch(dns.stderr, /podCidr|serviceCidr|RAN/);
    assert.match(box.read(unit), /--cluster-cidr/);
    write(unit, `${box.read(unit)}\t'--cluster-dns=${argsOf("k3s").network.clusterDns}' \\\n`);
    assert.match(run({ existing: "adopt" }).stderr, /RAN/);
    assert.match(box.read(unit), /^Type=notify$/m);
  });

  it("refuses another token than the one that etcd's data is encrypted with, and shows neither", () => {
    write("/var/lib/rancher/k3s/server/token", "K10aa::server:theirs0000\n");
    const ran = run({ existing: "adopt" });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /another token than this stack; nothing was changed\n.*tokenSecret/);
    assert.doesNotMatch(ran.stderr, /theirs0000|s3rver/);
    assert.ok(!box.exists(CONFIG));
  });

  it("takes the agent away that becomes a server, once the controller has let it go", () => {
    const as = (roles: Machine["roles"]) => {
      const args = argsOf("k3s", { existing: "refuse" });
      const machine = { ...machineNamed(args.machines, "hazel"), name: "sandbox", roles };
      return box.run(below(k3sStep(args, machine, TOKENS)), "apply");
    };
    const promoted = () => as(["control-plane", "etcd"]);
    as(["worker"]);
    write("/var/lib/rancher/k3s/agent/kubelet.kubeconfig", "");
    write("/var/lib/rancher/k3s/storage/pvc/photo", "");
    write("/usr/local/bin/k3s", "#!/bin/sh\necho node/sandbox\n");
    fs.chmodSync(box.at("/usr/local/bin/k3s"), 0o755);
    const early = promoted();
    assert.match(
      early.stderr,
      /sandbox is to join again .* not seen to have left: node\/sandbox\n/,
    );
    assert.doesNotMatch(early.stderr, /RAN/);
    write("/usr/local/bin/k3s", '#!/bin/sh\necho "Error (NotFound): nodes sandbox" >&2\nexit 1\n');
    assert.match(promoted().stderr, /taking the agent away[^]*RAN/);
    assert.ok(!box.exists("/var/lib/rancher/k3s/agent"));
    assert.ok(box.exists("/var/lib/rancher/k3s/storage/pvc/photo"));
    assert.match(box.read(CONFIG), /^agent-token: /m);
    // Never what is a server already.
    write("/var/lib/rancher/k3s/server/token", `K10aa::server:${TOKENS.server}\n`);
    assert.doesNotMatch(promoted().stderr, /taking the agent away/);
  });

  it("wipes K3s where it is told to: containers, mounts, files, but no local volume and no snapshot", () => {
    const kept = [
      "/var/lib/rancher/k3s/storage/pvc/photo",
      "/var/lib/rancher/k3s/server/db/snapshots/s",
    ];
    const gone = [
      "/var/lib/rancher/k3s/server/token",
      "/var/lib/rancher/k3s/server/db/etcd/wal",
      "/var/lib/rancher/k3s/agent/x",
    ];
    for (const file of [...kept, ...gone, "/etc/rancher/k3s/k3s.yaml", "/usr/local/bin/k3s"])
      write(file, "");
    write("/etc/systemd/system/k3s.service", "");
    fs.symlinkSync("k3s", box.at("/usr/local/bin/kubectl"));
    write("/usr/local/bin/ctr", "somebody's own");
    const mounts = [
      "/var/lib/kubelet/pods/a/volume",
      "/var/lib/rancher/k3s/storage",
      "/srv",
      "/run/k3s/b",
    ];
    write("/proc/self/mounts", mounts.map((mount) => `none ${box.at(mount)} tmpfs rw\n`).join(""));
    const ran = box.run(below(resetStep(argsOf("k3s"))), "apply");
    assert.equal(ran.code, 0, ran.stderr);
    for (const file of kept) assert.ok(box.exists(file), file);
    for (const file of [
      ...gone,
      "/etc/rancher/k3s",
      "/usr/local/bin/k3s",
      "/usr/local/bin/kubectl",
    ]) {
      assert.ok(!box.exists(file), file);
    }
    assert.ok(box.exists("/usr/local/bin/ctr"));
    const calls = box.read("state/calls").replaceAll(box.root, "");
    assert.match(calls, /systemctl disable --now k3s\.service/);
    assert.deepEqual([...calls.matchAll(/kill -KILL (\d+)/g)].map(([, pid]) => pid).sort(), [
      "20",
      "21",
      "22",
    ]);
    assert.deepEqual(
      [...calls.matchAll(/umount (\S+)/g)].map(([, mount]) => mount),
      ["/var/lib/kubelet/pods/a/volume", "/run/k3s/b"],
    );
  });

  it("empties a disk of its own at the kubelet's folder, by the uninstaller too, and goes on", () => {
    write("/var/lib/kubelet/pods/a", "");
    write("/usr/local/bin/k3s", "");
    write("/proc/self/mounts", "");
    const { files = [] } = k3sStep(
      argsOf("k3s"),
      machineNamed(argsOf("k3s").machines, "maple"),
      TOKENS,
    );
    const uninstaller = files.find((file) => file.path.endsWith("/k3s-uninstall.sh"));
    const { script } = below({ ...resetStep(argsOf("k3s")), script: uninstaller?.content ?? "" });
    // Of a mount's folder rm removes what is in it, and fails.
    const folder = box.at("/var/lib/kubelet");
    const busy = `rm() { command rm "$@" && for a; do [ "$a" != ${folder} ] || { mkdir "$a" && return 1; }; done; }`;
    const env = { ...process.env, STATE: box.at("state") };
    const ran = spawnSync("sh", ["-c", `${busy}\n${script}`], { encoding: "utf8", env });
    assert.equal(ran.status, 0, ran.stderr);
    assert.ok(!box.exists("/usr/local/bin/k3s") && !box.exists("/var/lib/kubelet/pods"));
  });

  it("is not done with the wipe while a link or a process of K3s is left", () => {
    const lists = "*link\\ show) echo '4: cali1@if2: <UP>' ;;";
    for (const [left, why] of [
      [
        `ip() { case "$*" in ${lists} *delete*) return 1 ;; *"show dev"*) return 0 ;; esac; }`,
        /cali1/,
      ],
      ["kill() { case $1 in -KILL) return 1 ;; esac; }", /process 2[0-2]/],
    ] as const) {
      write("/usr/local/bin/k3s", "");
      write("/proc/self/mounts", "");
      const step = below(resetStep(argsOf("k3s")));
      const ran = box.run(
        { ...step, script: step.script.replace("\nps()", `\n${left}\nps()`) },
        "apply",
      );
      assert.equal(ran.code, 1, left);
      assert.match(ran.stderr, why);
      assert.match(ran.stderr, /K3s is not gone whole/);
      assert.ok(box.exists("/usr/local/bin/k3s"), "a reset that is run again continues");
    }
  });

  it("does nothing on a machine without K3s", () => {
    const ran = box.run(below(resetStep(argsOf("k3s"))), "apply");
    assert.deepEqual([ran.code, ran.stderr, box.read("state/calls")], [0, "", LOOK]);
  });
});
