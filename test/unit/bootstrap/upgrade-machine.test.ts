import assert from "node:assert/strict";
import * as fs from "node:fs";
import { Installer, type Result } from "./installer";

/** A cluster with one turn, whose holder is a file, and a machine that may be cordoned already. */
const KUBECTL = `
case "$*" in
  *"create -f -") [ ! -e BOX/holder ] || exit 1; sed -n 's/.*holderIdentity": "\\([^"]*\\)".*/\\1/p' >BOX/holder ;;
  *"get lease"*) cat BOX/holder 2>/dev/null ;;
  *"delete lease"*) rm -f BOX/holder ;;
  *"get nodes -o name") cat BOX/nodes ;;
  *unschedulable*) cat BOX/unschedulable 2>/dev/null ;;
  *uncordon*) [ ! -e BOX/silent ] || { echo "error: connection refused" >&2; exit 1; } ;;
  *drain*) [ ! -e BOX/stays ] || { echo "error: Cannot evict pod web-0" >&2; exit 1; } ;;
esac`;

describe("the upgrade of one machine by kubeadm", () => {
  let box: Installer;
  const note = (name: string): string => `#!/bin/sh\necho "${name} $*" >>BOX/calls\n`;
  const play = (name: string, text: string): void => {
    const played = (note(name) + text).replaceAll("BOX", box.folder);
    fs.writeFileSync(box.at(`bin/${name}`), played, { mode: 0o755 });
  };

  beforeEach(() => {
    box = new Installer("kubeadm/files/upgrade-machine.sh", { systemctl: "", kubectl: "" });
    play("kubectl", KUBECTL);
    play("kubeadm", "");
    play("sleep", "rm -f BOX/holder");
    box.copy("kubeadm/files/place-kubelet.sh", "usr/lib/vmstation/kubeadm/place-kubelet.sh");
    box.write("usr/lib/vmstation/kubeadm/kubelet", "1.36.1");
    box.write("usr/bin/kubelet", "1.35.4");
    box.write("nodes", "node/a\nnode/b\n");
    fs.mkdirSync(box.at("/var/lib/vmstation/bootstrap"), { recursive: true });
  });
  afterEach(() => {
    box.remove();
  });

  const upgrade = (): Result => box.run("1.36.1", "a", "config", "kubeadm", "upgrade", "node");
  const ACTIONS = /^kubeadm|drain|uncordon|systemctl restart|condition=Ready|delete lease/;
  const actions = ({ calls }: Result): string[] =>
    calls.flatMap((call) => ACTIONS.exec(call)?.[0] ?? []);
  const WHOLE = [
    ...["kubeadm", "drain", "systemctl restart"],
    ...["condition=Ready", "uncordon", "delete lease"],
  ];

  it("drains it between kubeadm's part and the kubelet's start, and gives its turn away", () => {
    const ran = upgrade();
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(actions(ran), WHOLE);
    assert.equal(box.read("usr/bin/kubelet"), "1.36.1");
    assert.equal(box.read("holder"), undefined);
  });

  it("waits for its turn, and touches nothing before", () => {
    box.write("holder", "b");
    const ran = upgrade();
    const waited = ran.calls.findIndex((call) => call.startsWith("sleep"));
    assert.ok(waited >= 0 && waited < ran.calls.indexOf("kubeadm upgrade node"));
    assert.deepEqual(actions(ran), WHOLE);
  });

  it("continues the turn of its own interrupted run, and uncordons what that had cordoned", () => {
    box.write("holder", "a");
    box.write("unschedulable", "true");
    box.write("/var/lib/vmstation/bootstrap/kubeadm-cordoned", "");
    const ran = upgrade();
    assert.deepEqual(actions(ran), WHOLE);
    assert.equal(ran.calls.filter((call) => call.startsWith("sleep")).length, 0);
  });

  it("leaves a machine cordoned that somebody else has cordoned", () => {
    box.write("unschedulable", "true");
    assert.deepEqual(
      actions(upgrade()),
      WHOLE.filter((action) => action !== "drain" && action !== "uncordon"),
    );
  });

  it("does not drain the only machine there is", () => {
    box.write("nodes", "node/a\n");
    assert.deepEqual(
      actions(upgrade()),
      WHOLE.filter((action) => action !== "drain" && action !== "uncordon"),
    );
  });

  it("uncordons, and gives the turn away, if a pod must not be evicted", () => {
    box.write("stays", "");
    const ran = upgrade();
    assert.equal(ran.code, 1);
    assert.deepEqual(actions(ran), ["kubeadm", "drain", "uncordon", "delete lease"]);
    assert.equal(box.read("usr/bin/kubelet"), "1.35.4", "whatever starts the service next");
    assert.match(ran.stderr, /a cannot be drained, .*\nto do: see in the log which pods stay/);
  });

  it("fails where pods cannot be let in again, and does that the next time", () => {
    const mark = "/var/lib/vmstation/bootstrap/kubeadm-cordoned";
    box.write("silent", "");
    const ran = upgrade();
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /connection refused\n.*a takes no pods yet/s);
    assert.equal(box.read(mark), "");
    assert.equal(box.read("holder"), undefined, "others are not kept waiting");
    fs.rmSync(box.at("silent"));
    assert.equal(upgrade().code, 0);
    assert.equal(box.read(mark), undefined);
  });
});
