import assert from "node:assert/strict";
import {
  bootstrapImages,
  containerRuntime,
  kubernetes,
  rancherReleases,
  releaseOf,
} from "../../components/versions";
import { whyNoCalico } from "./calico/folder";
import { assertDone, type Description, upPasses } from "./cluster/lab";
import { fallAsleep } from "./cluster/sleep";
import {
  addK3s,
  K3S_IMAGES,
  MACHINE,
  pluginsPath,
  renderK3s,
  renderPlugins,
  whyNoK3s,
} from "./k3s/program";
import { APP_STAND_IN } from "./mirror/contents";
import { listedFor, readAsked, STAND_INS } from "./mirror/listed";
import { EARLIER } from "./parts/modules";
import { useReal } from "./use-real";

const NODE_NAMES = "jsonpath={.items[*].metadata.name}";
const WITHOUT_SPRUCE = ["hazel", "maple"];

describe("a cluster by real K3s, on bare machines", function () {
  // Each test goes on with the cluster that the one before has left.
  this.bail(true);
  this.timeout(30 * 60_000);
  before(function () {
    const why = whyNoK3s();
    if (why === undefined) return;
    console.log(`    pending: ${why}`);
    this.skip();
  });
  const isCalico = whyNoCalico() === undefined;
  const getReal = useReal({ calico: isCalico, own: true });

  before(async () => {
    const { lab, rig } = getReal();
    await addK3s(lab.pathOf("mirror"));
    const plugins = renderPlugins(getReal().mirror.files, containerRuntime.cni.version);
    const prepare = isCalico ? MACHINE : `${MACHINE}\n${plugins}`;
    await Promise.all(rig.machines.map((machine) => machine.exec(prepare)));
  });

  async function describeStack(description: Description = {}, more: object = {}): Promise<void> {
    const { lab } = getReal();
    const { kubernetesVersion = kubernetes.version, ...others } = description;
    const bootstrap = await renderK3s(kubernetesVersion, lab.sources(kubernetesVersion), more);
    lab.describe({ ...others, kubernetesVersion, more: { bootstrap } });
  }

  it("comes up by one `up`, whose validation passes", async () => {
    await describeStack({ kubernetesVersion: EARLIER });
    await upPasses(getReal().lab);
  });

  it("has asked the mirror for all that `vmstation mirror list` lists, and for K3s's own images", () => {
    const { lab, mirror } = getReal();
    assert.deepEqual([...mirror.missing], []);
    const asked = readAsked(mirror.asked);
    // What the cluster's network is tried with is no file or image of a method's.
    const listed = listedFor(lab.stackFile, [bootstrapImages.pause.repository]);
    const others = isCalico ? [APP_STAND_IN.repository] : STAND_INS;
    const plugins = isCalico ? [] : [pluginsPath(containerRuntime.cni.version)];
    assert.deepEqual(asked.files, [...listed.files, ...plugins].sort());
    const repositories = [...listed.repositories, ...K3S_IMAGES, ...others].sort();
    assert.deepEqual(asked.repositories, repositories);
  });

  it("is left alone by another `up`", async () => {
    const { lab } = getReal();
    const result = await lab.up();
    assertDone(result, lab);
    const changed = (["create", "update", "replace", "delete"] as const).flatMap((operation) =>
      result.names(operation),
    );
    assert.deepEqual(changed, []);
  });

  it("has an agent that sleeps and wakes, and passes validation meanwhile", async () => {
    const { lab } = getReal();
    await fallAsleep(getReal(), "hazel");
    await lab.becomesHealthy();
    await lab.passes("wake", "hazel");
    await lab.becomesHealthy();
  });

  it("comes to another patch of Kubernetes, after a snapshot of etcd", async () => {
    const { lab, rig } = getReal();
    await describeStack();
    await upPasses(getReal().lab);
    const version = "jsonpath={.items[*].status.nodeInfo.kubeletVersion}";
    const kubelets = (await lab.kubectl("get", "nodes", "-o", version)).split(" ");
    const wanted = `v${kubernetes.version}+${releaseOf(rancherReleases.k3s)}`;
    assert.deepEqual(kubelets, Array(3).fill(wanted));
    const cordoned = "jsonpath={.items[*].spec.unschedulable}";
    assert.equal(await lab.kubectl("get", "nodes", "-o", cordoned), "");
    const { stdout } = await rig.machine("maple").exec("ls /srv/backups/etcd");
    assert.match(stdout, /vmstation/);
  });

  it("lets an agent go that left the configuration", async () => {
    const { lab } = getReal();
    await describeStack({ machines: WITHOUT_SPRUCE }, { allowRemoval: true });
    await upPasses(getReal().lab);
    assert.equal(await lab.kubectl("get", "nodes", "-o", NODE_NAMES), "hazel maple");
  });

  it("comes back by itself after a power cut", async () => {
    const { lab, rig } = getReal();
    const machines = WITHOUT_SPRUCE.map((name) => rig.machine(name));
    await Promise.all(machines.map((machine) => machine.powerOff()));
    await Promise.all(machines.map((machine) => machine.boot()));
    await lab.becomesHealthy();
  });

  it("is wiped by a hard reset, which leaves no part of it running, and made again by an `up`", async () => {
    const { lab, rig } = getReal();
    const wiped = await lab.vmstation("reset", "hard", "--yes", "real", "--keep-state");
    assert.equal(wiped.code, 0, wiped.stderr);
    for (const name of WITHOUT_SPRUCE) {
      const left =
        "ls -A /etc/rancher /var/lib/rancher/k3s/server/db; pgrep -f 'k3s (server|agent)|containerd-shim'";
      const { stdout } = await rig.machine(name).exec(left, { anyCode: true });
      assert.doesNotMatch(stdout, /k3s|etcd|^\d+$/m, name);
      await rig.machine(name).exec(MACHINE);
    }
    lab.forgetState();
    await upPasses(getReal().lab);
  });
});
