import assert from "node:assert/strict";
import { kubernetes } from "../../components/versions";
import { assertNodePorts } from "./calico/node-ports";
import { assertDone, type Description, upPasses } from "./cluster/lab";
import { assertPolicies, MATRIX_PODS, renderNamespaces } from "./cluster/matrix";
import { startPods } from "./cluster/pods";
import { MACHINE, placeCheckout, whyNoKubespray } from "./kubespray/checkout";
import { addKubespray, digestVariables } from "./kubespray/parts";
import { renderKubespray } from "./kubespray/settings";
import { EARLIER } from "./parts/modules";
import { useReal } from "./use-real";

const NODE_NAMES = "jsonpath={.items[*].metadata.name}";
const WITHOUT_SPRUCE = ["hazel", "maple"];
const PLAN = "/var/lib/vmstation/bootstrap/recorded.json";

describe("a cluster by real Kubespray, on bare machines", function () {
  // Each test goes on with the cluster that the one before has left.
  this.bail(true);
  // A playbook takes 4 minutes on two quiet cores.
  this.timeout(60 * 60_000);
  before(function () {
    const why = whyNoKubespray();
    if (why === undefined) return;
    console.log(`    pending: ${why}`);
    this.skip();
  });
  const getReal = useReal({ calico: true });
  let digests: Record<string, string> = {};

  before(async () => {
    const { lab, rig } = getReal();
    await Promise.all(rig.machines.map((machine) => machine.exec(MACHINE)));
    await placeCheckout(rig.machine("maple"));
    await addKubespray(lab.pathOf("mirror"));
    digests = await digestVariables(lab.pathOf("mirror"));
  });

  function describeStack(description: Description = {}, more: object = {}): void {
    const { lab } = getReal();
    const { kubernetesVersion = kubernetes.version, ...others } = description;
    const { sources } = lab.sources(kubernetesVersion);
    const bootstrap = renderKubespray(sources, digests, more);
    lab.describe({ ...others, kubernetesVersion, more: { bootstrap } });
  }

  it("comes up by one `up`, whose validation passes", async () => {
    describeStack({ machines: WITHOUT_SPRUCE, kubernetesVersion: EARLIER });
    await upPasses(getReal().lab);
  });

  it("has asked the mirror for nothing that is not there", () => {
    assert.deepEqual([...getReal().mirror.missing], []);
  });

  it("is left alone by another `up`", async () => {
    const { lab } = getReal();
    const result = await lab.up();
    assertDone(result, lab);
    assert.deepEqual([result.names("create"), result.names("update")], [[], []]);
  });

  it("takes a worker in", async () => {
    const { lab } = getReal();
    describeStack({ kubernetesVersion: EARLIER });
    await upPasses(getReal().lab);
    assert.equal(await lab.kubectl("get", "nodes", "-o", NODE_NAMES), "hazel maple spruce");
  });

  it("enforces the program's policies by Calico, as their pure evaluation has them", async () => {
    const { objects } = getReal().lab;
    for (const object of renderNamespaces()) await objects.apply(object);
    const addresses = await startPods(objects, MATRIX_PODS);
    await assertPolicies(objects, addresses);
  });

  it("has NodePorts answer the LAN and pods alone", async () => {
    await assertNodePorts(getReal());
    await getReal().lab.kubectl("delete", "namespace", "open", "closed");
  });

  it("comes to another patch of Kubernetes", async () => {
    const { lab } = getReal();
    describeStack();
    await upPasses(getReal().lab);
    const version = "jsonpath={.items[*].status.nodeInfo.kubeletVersion}";
    const kubelets = (await lab.kubectl("get", "nodes", "-o", version)).split(" ");
    assert.deepEqual(kubelets, Array(3).fill(`v${kubernetes.version}`));
  });

  it("lets a machine go that left the configuration", async () => {
    const { lab } = getReal();
    describeStack({ machines: WITHOUT_SPRUCE }, { allowRemoval: true });
    await upPasses(getReal().lab);
    assert.equal(await lab.kubectl("get", "nodes", "-o", NODE_NAMES), "hazel maple");
  });

  it("is adopted where no stack of ours knows it, without a playbook", async () => {
    const { lab, rig } = getReal();
    const log = "/var/lib/vmstation/run/kubespray/log";
    const lines = async (): Promise<string> =>
      (await rig.machine("maple").exec(`cat ${log} 2>/dev/null | wc -l`)).stdout;
    await rig.machine("maple").exec(`rm ${PLAN}`);
    lab.forgetState();
    describeStack({ machines: WITHOUT_SPRUCE });
    const refused = await lab.up();
    assert.deepEqual(refused.names("fail"), ["bootstrap-run"]);
    describeStack({ machines: WITHOUT_SPRUCE }, { existing: "adopt" });
    const before = await lines();
    await upPasses(getReal().lab);
    assert.ok(Number(await lines()) <= Number(before) + 20, "a playbook has run");
  });
});
