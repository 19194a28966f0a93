import assert from "node:assert/strict";
import { waitFor } from "../rig/wait";
import { assertDone, validationOf } from "./cluster/lab";
import { askFromLan, startPods } from "./cluster/pods";
import { endCertificates, servedCertificate } from "./cluster/certificates";
import { ignoreLoad } from "./cluster/load";
import { operatorTests } from "./cluster/operator";
import { listedFor, readAsked, STAND_INS } from "./mirror/listed";
import { useReal } from "./use-real";

const NODE_NAMES = "jsonpath={.items[*].metadata.name}";
const APP = "http://10.213.0.63:30096";
const MINUTE = 60_000;

/** A pod that one machine alone can take. */
const CALLER = { namespace: "default", name: "caller", machine: "hazel", labels: {} };

describe("the life of a cluster by kubeadm", function () {
  // Each test goes on with the cluster that the one before has left.
  this.bail(true);
  const getReal = useReal({ fetches: true });

  it("begins with one `up` in the pinned version", async () => {
    const { lab } = getReal();
    const result = await lab.up();
    assertDone(result, lab);
    assert.equal(validationOf(result).status, "pass");
  });

  it("had everything from a mirror that `vmstation mirror fetch` has filled, and asked for nothing else", () => {
    const { lab, mirror } = getReal();
    assert.deepEqual([...mirror.missing], []);
    const asked = readAsked(mirror.asked);
    const listed = listedFor(lab.stackFile);
    assert.deepEqual(asked.files, listed.files);
    assert.deepEqual(asked.repositories, [...listed.repositories, ...STAND_INS].sort());
  });

  it("shows an app to the LAN at the control plane's port", async () => {
    await waitFor("the app", () => askFromLan(APP), 5 * MINUTE);
  });

  operatorTests(getReal);

  it("comes back by itself after a power cut, with its pods", async () => {
    const { lab, rig } = getReal();
    await startPods(lab.objects, [CALLER]);
    await Promise.all(rig.machines.map((machine) => machine.powerOff()));
    await Promise.all(rig.machines.map((machine) => machine.boot()));
    await lab.becomesHealthy();
    await lab.objects.kubectl(
      ["wait", "--for=condition=Ready", "pod/caller", "--timeout=240s"],
      "",
      300,
    );
    await waitFor("the app", () => askFromLan(APP), 5 * MINUTE);
  });

  it("gets every object back from its own backup after etcd's data was lost", async () => {
    const { lab, rig } = getReal();
    await lab.kubectl("create", "configmap", "keepsake", "--from-literal=found=again");
    await lab.passes("backup", "etcd");
    await rig.machine("maple").exec("rm -rf /var/lib/etcd/member; pkill -x etcd");
    await lab.passes("restore", "etcd", "--yes", "real");
    const value = ["get", "configmap", "keepsake", "-o", "jsonpath={.data.found}"];
    assert.equal(await lab.kubectl(...value), "again");
    await lab.becomesHealthy();
  });

  it("renews its certificates by the timer, also those that have ended", async () => {
    const { lab, rig } = getReal();
    const control = rig.machine("maple");
    await endCertificates(control);
    await control.exec("systemctl start vmstation-renew-certificates.service", {
      timeout: 10 * MINUTE,
    });
    const { serial, daysLeft } = await servedCertificate(control);
    assert.ok(daysLeft > 300, `${serial}: ${String(daysLeft)} days`);
    await lab.becomesHealthy();
  });

  it("loses a machine that leaves the configuration, and takes it again as it is", async () => {
    const { lab, rig } = getReal();
    await lab.kubectl("delete", "pod", "caller");
    await rig.machine("spruce").exec("mkdir -p /srv/photos; echo mine >/srv/photos/one");
    const machines = ["hazel", "maple"];
    lab.describe({ machines, more: { bootstrap: { allowRemoval: true } } });
    assertDone(await lab.up(), lab);
    assert.equal(await lab.kubectl("get", "nodes", "-o", NODE_NAMES), machines.join(" "));
    lab.describe();
    const again = await lab.up();
    assertDone(again, lab);
    assert.equal(validationOf(again).status, "pass");
    const { stdout } = await rig.machine("spruce").exec("cat /srv/photos/one");
    assert.equal(stdout, "mine\n");
  });

  it("lets a machine sleep, and finds that right", async () => {
    const { lab, rig } = getReal();
    const machine = rig.machine("hazel");
    await ignoreLoad(rig.machine("maple"));
    // An `up` keeps the machines that it works on awake for half an hour.
    await lab.passes("hold", "hazel", "--release");
    await lab.passes("sleep", "hazel");
    assert.equal(machine.state, "asleep");
    await lab.becomesHealthy();
    assert.equal(machine.state, "asleep", "looking at the cluster wakes nobody");
  });

  it("wakes it for somebody who wants its app, and answers them", async () => {
    const { lab, rig } = getReal();
    await waitFor(
      "the app's own answer",
      async () => (await askFromLan(APP))?.startsWith("jellyfin-0 "),
      5 * MINUTE,
    );
    assert.equal(rig.machine("hazel").state, "on");
    await lab.passes("sleep", "hazel");
    assert.equal(rig.machine("hazel").state, "asleep");
  });

  it("wakes it for a pod that only it can take", async () => {
    const { lab, rig } = getReal();
    assert.match((await startPods(lab.objects, [CALLER])).get("caller") ?? "", /^10\.244\./);
    assert.equal(rig.machine("hazel").state, "on");
  });
});
