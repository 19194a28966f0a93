import assert from "node:assert/strict";
import * as fs from "node:fs";
import { Installer, type Result } from "./installer";

describe("kubeadm's installer", () => {
  let box: Installer;
  const running = `case "$*" in *kubeletVersion*) echo v1.35.4 ;; *version*) echo '{"gitVersion":"v1.35.4"}' ;; *snapshot*) mkdir -p FOLDER && touch FOLDER/vmstation-snapshot.db ;; esac`;

  const LIBRARY = "usr/lib/vmstation/kubeadm";
  const KEPT = ["none", "5", "10-calico.yaml"];
  const open = (script: string): void => {
    const kubeadm = `case $1 in init) mkdir -p ETC && touch ETC/admin.conf ;; join) mkdir -p ETC && touch ETC/kubelet.conf ;; esac`;
    box = new Installer(`kubeadm/files/${script}`, { systemctl: "", kubectl: "", kubeadm: "" });
    const etc = box.at("/etc/kubernetes");
    const log = (name: string) => `#!/bin/sh\necho "${name} $*" >>${box.at("calls")}\n`;
    box.write("bin/kubeadm", log("kubeadm") + kubeadm.replaceAll("ETC", etc));
    box.write(
      "bin/kubectl",
      log("kubectl") + running.replaceAll("FOLDER", box.at("/var/lib/etcd")),
    );
    box.write("/etc/vmstation/kubeadm/manifests/10-calico.yaml", "");
    const upgrade = `shift 3\necho "upgrade-machine" >>${box.at("calls")}\n"$@"\n`;
    box.write(`${LIBRARY}/upgrade-machine.sh`, upgrade);
    box.copy("kubeadm/files/place-kubelet.sh", `${LIBRARY}/place-kubelet.sh`);
    box.copy("files/one-step-forward.sh", "usr/lib/vmstation/bootstrap/one-step-forward.sh");
    fs.mkdirSync(box.at("/var/lib/vmstation/bootstrap"), { recursive: true });
  };
  const verbs = ({ calls }: Result) => calls.filter((call) => call.startsWith("kubeadm "));
  afterEach(() => {
    box.remove();
  });

  it("begins a control plane once, and applies the manifests each time", () => {
    open("kubeadm-init.sh");
    const init = "kubeadm init --config /etc/vmstation/kubeadm/init.yaml --upload-certs";
    const first = box.run("1.35.4", "maple", ...KEPT);
    assert.equal(first.code, 0, first.stderr);
    assert.deepEqual(verbs(first), [init]);
    const second = box.run("1.35.4", "maple", ...KEPT);
    assert.deepEqual([second.code, verbs(second)], [0, []]);
    assert.ok(second.calls.some((call) => call.startsWith("kubectl apply --server-side")));
  });

  it("has Calico's operator prefer machines that never sleep, as soon as it is there", () => {
    open("kubeadm-init.sh");
    const install = (): readonly string[] =>
      box.run("1.35.4", "maple", "none", "5", "20-operator.yaml\n30-calico.yaml").calls;
    for (const name of ["20-operator", "30-calico"])
      box.write(`/etc/vmstation/kubeadm/manifests/${name}.yaml`, "");
    const placing = (calls: readonly string[]): number =>
      calls.findIndex((call) => call.includes("patch deployment tigera-operator"));
    assert.equal(placing(install()), -1, "a manifest of somebody else's has another operator");
    const there = `\ncase "$*" in *"get deployment tigera-operator"*) echo deployment.apps/tigera-operator ;; esac\n`;
    fs.appendFileSync(box.at("bin/kubectl"), there);
    const calls = install();
    const applied = (name: string): number => calls.findIndex((call) => call.includes(name));
    assert.ok(applied("20-operator.yaml") < placing(calls), calls.join("\n"));
    assert.ok(placing(calls) < applied("30-calico.yaml"), calls.join("\n"));
  });

  it("upgrades a control plane after a snapshot of etcd", () => {
    open("kubeadm-init.sh");
    box.write("/etc/kubernetes/admin.conf", "");
    const ran = box.run("1.36.1", "maple", box.at("snapshots"), "2", "10-calico.yaml");
    assert.equal(ran.code, 0, ran.stderr);
    const snapshot = ran.calls.findIndex((call) => call.includes("etcdctl"));
    const upgrade = ran.calls.indexOf("kubeadm upgrade apply --yes v1.36.1");
    const kubelet = ran.calls.indexOf("upgrade-machine");
    // The upgrade writes CoreDNS again, and where the machine cannot be drained nothing follows.
    const coredns = ran.calls.findIndex((call) => call.includes("patch deployment coredns"));
    const order = [0, snapshot, upgrade, coredns, kubelet];
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
      ran.calls.join("\n"),
    );
    assert.ok(snapshot >= 0 && kubelet >= 0);
    assert.match(fs.readdirSync(box.at("snapshots")).join(), /^snapshot-\d{8}T\d{6}Z\.db$/);
  });

  it("skips no minor version and never goes back, before anything is changed", () => {
    open("kubeadm-init.sh");
    box.write("/etc/kubernetes/admin.conf", "");
    for (const version of ["1.37.0", "1.35.3"]) {
      const ran = box.run(version, "maple", box.at("snapshots"), "2", "10-calico.yaml");
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, new RegExp(`from Kubernetes 1.35.4 to ${version} is not one step`));
      assert.match(ran.stderr, /to do: go one minor version at a time/);
      assert.deepEqual(verbs(ran), []);
      assert.equal(fs.existsSync(box.at("snapshots")), false);
    }
  });

  it("continues the upgrade of a control plane that takes no pods since it was cut", () => {
    open("kubeadm-init.sh");
    box.write("/etc/kubernetes/admin.conf", "");
    const upgrades = () =>
      box.run("1.35.4", "maple", ...KEPT).calls.filter((call) => call === "upgrade-machine");
    assert.deepEqual(upgrades(), []);
    box.write("/var/lib/vmstation/bootstrap/kubeadm-cordoned", "");
    assert.deepEqual(upgrades(), ["upgrade-machine"]);
  });

  it("tells kubeadm, when it upgrades, which checks may fail", () => {
    const ignored = "Mem\nSystemVerification";
    open("kubeadm-init.sh");
    box.write("/etc/kubernetes/admin.conf", "");
    const first = box.run("1.36.1", "maple", ...KEPT, ignored);
    const words = "--ignore-preflight-errors=Mem,SystemVerification";
    assert.deepEqual(verbs(first), [`kubeadm upgrade apply --yes ${words} v1.36.1`]);
    box.remove();
    open("kubeadm-join.sh");
    box.write("/etc/kubernetes/kubelet.conf", "");
    assert.deepEqual(verbs(box.run("1.36.1", "hazel", ignored)), [`kubeadm upgrade node ${words}`]);
  });

  it("applies the manifests that are wanted, and deletes what another one has made", () => {
    open("kubeadm-init.sh");
    box.write("/etc/vmstation/kubeadm/manifests/40-metrics-server.yaml", "");
    const ran = box.run("1.35.4", "maple", ...KEPT);
    assert.equal(ran.code, 0, ran.stderr);
    const about = (name: string) =>
      ran.calls.filter((call) => call.endsWith(`manifests/${name}.yaml`));
    assert.deepEqual(
      about("40-metrics-server").map((call) => call.split(" ")[1]),
      ["delete"],
    );
    assert.deepEqual(
      about("10-calico").map((call) => call.split(" ")[1]),
      ["apply"],
    );
  });

  it("keeps as many snapshots as are asked for", () => {
    open("kubeadm-init.sh");
    box.write("/etc/kubernetes/admin.conf", "");
    for (const day of [1, 2, 3]) box.write(`snapshots/snapshot-2026010${day}T000000Z.db`, "");
    const ran = box.run("1.36.1", "maple", box.at("snapshots"), "2", "10-calico.yaml");
    assert.equal(ran.code, 0, ran.stderr);
    const left = fs.readdirSync(box.at("snapshots")).sort();
    assert.deepEqual([left.length, left[0]], [2, "snapshot-20260103T000000Z.db"]);
  });

  it("starts a kubelet whose Node was deleted, and no other", () => {
    open("kubeadm-join.sh");
    const restarts = (): string[] =>
      box.run("1.35.4", "hazel").calls.filter((call) => call === "systemctl restart kubelet");
    const answers = (text: string): void => {
      box.write("bin/kubectl", `#!/bin/sh\necho '${text}' >&2\nexit 1\n`);
      fs.chmodSync(box.at("bin/kubectl"), 0o755);
    };
    const notFound = 'Error from server (NotFound): nodes "hazel" not found';
    const kubectl = fs.readFileSync(box.at("bin/kubectl"), "utf8");
    answers(notFound);
    assert.deepEqual(
      restarts(),
      [],
      "it has just joined, and its kubelet has not made the Node yet",
    );
    box.write("bin/kubectl", kubectl);
    assert.deepEqual(restarts(), []);
    answers(notFound);
    assert.equal(restarts().length, 1);
    answers("Unable to connect to the server: dial tcp: i/o timeout");
    assert.equal(restarts().length, 0);
  });

  it("starts with the kubelet that was downloaded, and in an upgrade leaves that to the machine's turn", () => {
    for (const [script, machine] of [
      ["kubeadm-init.sh", ["maple", ...KEPT]],
      ["kubeadm-join.sh", ["hazel"]],
    ] as const) {
      open(script);
      const fetch = (kubelet: string): void => {
        box.write(`${LIBRARY}/kubelet`, kubelet);
      };
      fs.mkdirSync(box.at("usr/bin"));
      fetch("1.35.4");
      const first = box.run("1.35.4", ...machine);
      assert.equal(first.code, 0, first.stderr);
      assert.equal(box.read("usr/bin/kubelet"), "1.35.4");
      fetch("1.36.1");
      assert.equal(box.run("1.36.1", ...machine).code, 0);
      assert.equal(box.read("usr/bin/kubelet"), "1.35.4", "upgrade-machine.sh places it");
      if (script === "kubeadm-init.sh") box.remove();
    }
  });

  it("joins a machine once, and lets its kubelet follow another version", () => {
    open("kubeadm-join.sh");
    const join = "kubeadm join --config /etc/vmstation/kubeadm/join.yaml";
    assert.deepEqual(verbs(box.run("1.35.4", "hazel")), [join]);
    assert.ok(fs.existsSync(box.at("/etc/kubernetes/manifests")), "where the kubelet looks");
    assert.deepEqual(verbs(box.run("1.35.4", "hazel")), []);
    const upgrade = box.run("1.36.1", "hazel");
    assert.deepEqual(
      upgrade.calls.filter((call) => !/^(systemctl|kubectl) /.test(call)),
      ["upgrade-machine", "kubeadm upgrade node"],
    );
    assert.deepEqual(verbs(box.run("1.36.1", "hazel")), []);
  });
});
