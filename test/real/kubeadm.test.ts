import assert from "node:assert/strict";
import { kubernetes } from "../../components/versions";
import { waitFor } from "../rig/wait";
import { renderGuarded, ReadyWatch } from "./cluster/guarded";
import { etcdctl } from "./cluster/etcd";
import { KubeadmConfiguration } from "./cluster/kubeadm-configuration";
import { assertDone, upChangesNothing, upPasses, validationOf } from "./cluster/lab";
import { assertPolicies, MATRIX_PODS, renderNamespaces } from "./cluster/matrix";
import { operatorTests } from "./cluster/operator";
import { platformTests } from "./cluster/platform";
import { ask, askFromLan, NODE_PORT, startPods, WEB_PORT, WEB_SERVICE } from "./cluster/pods";
import { listedFor, readAsked, STAND_INS } from "./mirror/listed";
import { itLong } from "./long";
import { EXTERNAL_NAME } from "./mirror/serve";
import { EARLIER } from "./parts/modules";
import { MIXED_POD_MACHINES } from "../rig/machine-spec";
import { useReal } from "./use-real";

const MINUTE = 60_000;

/** Pods with a budget of disruptions. */
const GUARDED = 4;

describe("a cluster by kubeadm, on bare machines", function () {
  // Each test goes on with the cluster that the one before has left.
  this.bail(true);
  const getReal = useReal({ machines: MIXED_POD_MACHINES });
  let addresses: Map<string, string>;

  it("comes up by one `up`, whose validation passes", async () => {
    const { lab } = getReal();
    lab.describe({ kubernetesVersion: EARLIER });
    await upPasses(lab);
  });

  it("has asked the mirror for nothing that is not there", () => {
    assert.deepEqual([...getReal().mirror.missing], []);
  });

  it("has asked the mirror for all that `vmstation mirror list` lists, and for nothing else", async () => {
    const { lab, mirror, rig } = getReal();
    const asked = readAsked(mirror.asked);
    // Of a version that is not the pinned one, the list leaves kubeadm's own images to this command.
    const command = `kubeadm config images list --kubernetes-version v${EARLIER}`;
    const { stdout } = await rig.machine("maple").exec(command);
    const listed = listedFor(lab.stackFile, stdout.trim().split("\n"));
    assert.deepEqual(asked.files, listed.files);
    assert.deepEqual(asked.repositories, [...listed.repositories, ...STAND_INS].sort());
  });

  it("is left alone by another `up`", async () => {
    const { lab } = getReal();
    await upChangesNothing(lab);
  });

  it("keeps a Secret encrypted in etcd, and a record of who made it", async () => {
    const { lab, rig } = getReal();
    await lab.kubectl("create", "secret", "generic", "hidden", "--from-literal=word=PLAIN-WORD");
    const key = "/registry/secrets/default/hidden";
    const stored = await lab.kubectl(...etcdctl("maple", "get", key, "--print-value-only"));
    assert.match(stored, /^k8s:enc:secretbox:v1:key1:/);
    assert.doesNotMatch(stored, /PLAIN-WORD/);
    const { stdout } = await rig
      .machine("maple")
      .exec('grep secrets /var/log/kubernetes/audit.log | grep \'"name":"hidden"\'');
    assert.match(
      stdout,
      /"verb":"create".*"username":"kubernetes-admin"|"username":"kubernetes-admin".*"verb":"create"/,
    );
    assert.doesNotMatch(stdout, /PLAIN-WORD/);
  });

  describe("its pods", () => {
    const friend = { namespace: "open", name: "friend" };

    before(async () => {
      const { objects } = getReal().lab;
      for (const object of renderNamespaces()) await objects.apply(object);
      addresses = await startPods(objects, MATRIX_PODS);
    });

    // Nothing would make them again: a drain leaves them alone, and a machine with one awake.
    after(() => getReal().lab.kubectl("delete", "namespace", "open", "closed"));

    it("reach each other across machines, each under its own address", async () => {
      const { objects } = getReal().lab;
      const url = `http://${addresses.get("stranger") ?? ""}:${String(WEB_PORT)}`;
      assert.equal(await ask(objects, friend, url), `stranger ${addresses.get("friend") ?? ""}`);
    });

    it("find names of the cluster and of the world", async () => {
      const { lab } = getReal();
      const resolve = (name: string): Promise<string> =>
        lab.kubectl("exec", "-n", "open", "friend", "--", "/small", "resolve", name);
      assert.equal((await resolve("kubernetes.default.svc.cluster.local")).trim(), "10.96.0.1");
      assert.equal((await resolve(EXTERNAL_NAME)).trim(), "10.213.0.1");
    });

    it("answer as a Service, and to the LAN at a port of every machine", async () => {
      const { lab, rig } = getReal();
      await lab.objects.apply(WEB_SERVICE);
      await waitFor("the Service", async () =>
        (await ask(lab.objects, friend, "http://web"))?.startsWith("stranger "),
      );
      for (const { address } of rig.machines)
        await waitFor(`the port of ${address}`, async () =>
          (await askFromLan(`http://${address}:${String(NODE_PORT)}`))?.startsWith("stranger "),
        );
    });

    it("reach whom the program's policies let them reach, and nobody else", async () => {
      await assertPolicies(getReal().lab.objects, addresses);
    });
  });

  describe("its operator", () => {
    operatorTests(getReal);
  });

  describe("its life", () => {
    itLong("stays as it is where the API server of another version does not come up", async () => {
      const { lab } = getReal();
      const configuration = new KubeadmConfiguration(lab.objects);
      // As a flag that the new version no longer knows.
      await configuration.addFlag();
      lab.describe();
      const result = await lab.up();
      assert.deepEqual(result.names("fail"), ["bootstrap-init"]);
      assert.match(lab.output, new RegExp(`kubeadm upgrade, Kubernetes ${EARLIER} to `));
      await waitFor(
        "the API server of before",
        async () => (await lab.kubectl("get", "--raw", "/version")).includes(EARLIER),
        5 * MINUTE,
      );
      await configuration.removeFlag();
    });

    it("comes to another patch of Kubernetes one machine after the other, each drained", async () => {
      const { lab } = getReal();
      for (const object of renderGuarded(GUARDED)) await lab.objects.apply(object);
      // The failed upgrade has ended the controller manager, which the kubelet starts again after up to five minutes.
      await lab.kubectl("rollout", "status", "deployment/guarded", "--timeout=360s");
      const watch = new ReadyWatch(lab.objects);
      lab.describe();
      const result = await lab.up();
      const least = await watch.stop();
      assertDone(result, lab);
      assert.ok(least >= GUARDED - 1, `${String(least)} of ${String(GUARDED)} were Ready`);
      const version = "jsonpath={.items[*].status.nodeInfo.kubeletVersion}";
      const kubelets = (await lab.kubectl("get", "nodes", "-o", version)).split(" ");
      assert.deepEqual(kubelets, Array(3).fill(`v${kubernetes.version}`));
      const cordoned = "jsonpath={.items[*].spec.unschedulable}";
      assert.equal(await lab.kubectl("get", "nodes", "-o", cordoned), "");
      assert.equal(validationOf(result).status, "pass");
    });

    it("is wiped by a hard reset, which leaves no part of it running, and made again by an `up`", async () => {
      const { lab, rig } = getReal();
      const wiped = await lab.vmstation("reset", "hard", "--yes", "real", "--keep-state");
      assert.equal(wiped.code, 0, wiped.stderr);
      for (const machine of rig.machines) {
        const left = await machine.exec(
          "ls -A /etc/kubernetes /var/lib/etcd /etc/cni/net.d; pgrep -x 'kubelet|etcd|kube-apiserver'",
          { anyCode: true },
        );
        assert.doesNotMatch(left.stdout, /\.conf|member|conflist|^\d+$/m, machine.name);
      }
      lab.forgetState();
      await upPasses(lab);
    });
  });

  describe("the parts of its platform", () => {
    platformTests(getReal);
  });
});
