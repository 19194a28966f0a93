import assert from "node:assert/strict";
import { kubernetes } from "../../components/versions";
import type { Machine } from "../rig/machine";
import { waitFor } from "../rig/wait";
import { KubeadmConfiguration } from "./cluster/kubeadm-configuration";
import { assertDone, upPasses } from "./cluster/lab";
import { APP, askFromLan, startPods } from "./cluster/pods";
import { endCertificates, servedCertificate } from "./cluster/certificates";
import { fallAsleep, sleepTests } from "./cluster/sleep";
import { addVersion } from "./cluster/add-version";
import { listedFor, readAsked, STAND_INS } from "./mirror/listed";
import { useReal } from "./use-real";

const NODE_NAMES = "jsonpath={.items[*].metadata.name}";
const MINUTE = 60_000;

/** As the stack has it: without what a container cannot set. */
const SYSCTL = { "net.core.netdev_max_backlog": null };

/** What the program has put on a machine beside what stays: the cluster's settings, its certificates' timer, the backups' password. */
const OWN_THINGS = `find /etc/vmstation /etc/sysctl.d/*vmstation* /usr/local/bin/vmstation* -type f 2>/dev/null | grep -vE '^/etc/vmstation/(kubeadm/|backup/password$)'
systemctl list-units --all --no-legend --plain 'vmstation-*' | grep -v renew-certificates`;

const API_SERVER = "/etc/kubernetes/manifests/kube-apiserver.yaml";

/** A pod that one machine alone can take. */
const CALLER = { namespace: "default", name: "caller", machine: "hazel", labels: {} };

describe("the life of a cluster by kubeadm", function () {
  // Each test goes on with the cluster that the one before has left.
  this.bail(true);
  const getReal = useReal({ fetches: true });

  it("begins with one `up` in the pinned version", async () => {
    const { lab } = getReal();
    await upPasses(lab);
  });

  it("had everything from a mirror that `vmstation mirror fetch` has filled, and asked for nothing else", () => {
    const { lab, mirror } = getReal();
    assert.deepEqual([...mirror.missing], []);
    const asked = readAsked(mirror.asked);
    const listed = listedFor(lab.stackFile);
    assert.deepEqual(asked.files, listed.files);
    assert.deepEqual(asked.repositories, [...listed.repositories, ...STAND_INS].sort());
  });

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
    await upPasses(lab);
    const { stdout } = await rig.machine("spruce").exec("cat /srv/photos/one");
    assert.equal(stdout, "mine\n");
  });

  it("refuses to skip a minor version, and goes on in its own", async () => {
    const { lab } = getReal();
    const version = kubernetes.version.replace("1.35.", "1.37.");
    const checksums = await addVersion(lab.pathOf("mirror"), version);
    lab.describe({ kubernetesVersion: version, more: { bootstrap: { checksums } } });
    const result = await lab.up();
    assert.deepEqual(result.names("fail"), ["bootstrap-init"]);
    assert.match(lab.output, /from Kubernetes \S+ to \S+ is not one step forward/);
    assert.match(await lab.kubectl("get", "--raw", "/version"), new RegExp(kubernetes.version));
    lab.describe();
    await upPasses(lab);
  });

  sleepTests(getReal);

  it("wakes a machine where an `up` has work there", async () => {
    const { lab, rig } = getReal();
    await fallAsleep(getReal(), "hazel");
    lab.describe({ more: { node: { sysctl: { ...SYSCTL, "vm.swappiness": 33 } } } });
    const result = await lab.up();
    assertDone(result, lab);
    assert.equal(rig.machine("hazel").state, "on");
    assert.equal((await rig.machine("hazel").exec("sysctl -n vm.swappiness")).stdout, "33\n");
  });

  it("is switched off and on as a whole", async () => {
    const { lab, rig } = getReal();
    await lab.passes("spin-down", "--yes", "--even-if-in-use");
    const isDown = ({ state }: Machine): boolean => state !== "on";
    await waitFor("all to be off", () => Promise.resolve(rig.machines.every(isDown)), 3 * MINUTE);
    await lab.passes("spin-up", "--yes");
    for (const machine of rig.machines) assert.equal(machine.state, "on", machine.name);
    await lab.becomesHealthy();
  });

  it("keeps its Secrets encrypted and its audit log where the configuration asks for other things", async () => {
    const { lab, rig } = getReal();
    for (const key of ["encryption", "audit"]) {
      lab.describe({ more: { bootstrap: { [key]: false } } });
      const result = await lab.up();
      assert.notDeepEqual(result.names("fail"), []);
      assert.match(lab.output, new RegExp(`bootstrap\\.${key}`));
    }
    const { stdout } = await rig.machine("maple").exec(`cat ${API_SERVER}`);
    assert.match(stdout, /--audit-policy-file=[^]*--encryption-provider-config=/);
  });

  it("takes the audit log as switched off once somebody has done so as kubeadm's guide says", async () => {
    const { lab, rig } = getReal();
    await new KubeadmConfiguration(lab.objects).switchAuditOff(rig.machine("maple"));
    lab.describe({ more: { bootstrap: { audit: false } } });
    await upPasses(lab);
    const { stdout } = await rig.machine("maple").exec(`cat ${API_SERVER}`);
    assert.doesNotMatch(stdout, /audit/);
  });

  it("goes on without the program, which takes its own things away by `destroy`", async () => {
    const { lab, rig } = getReal();
    const result = await lab.destroy();
    // The key of a cluster that stays is protected: the runner says so of it, and `vmstation destroy` leaves it out.
    const kept = ["bootstrap-encryption-key"];
    assert.deepEqual([result.errors, result.names("fail")], [[], kept], lab.output);
    for (const machine of rig.machines) {
      const { stdout } = await machine.exec(OWN_THINGS, { anyCode: true });
      assert.equal(stdout, "", machine.name);
    }
    await lab.kubectl("wait", "--for=condition=Ready", "node", "--all", "--timeout=60s");
    const value = ["get", "configmap", "keepsake", "-o", "jsonpath={.data.found}"];
    assert.equal(await lab.kubectl(...value), "again");
    const { stdout } = await rig.machine("spruce").exec("cat /srv/photos/one");
    assert.equal(stdout, "mine\n");
  });
});
