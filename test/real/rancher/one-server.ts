import assert from "node:assert/strict";
import { bootstrapImages, kubernetes } from "../../../components/versions";
import { upChangesNothing, upPasses } from "../cluster/lab";
import { fallAsleep } from "../cluster/sleep";
import { listedFor, readAsked } from "../mirror/listed";
import { EARLIER } from "../parts/modules";
import { cordoned, kubelets, useRancher } from "./cluster";
import type { Distribution } from "./distribution";

const NODE_NAMES = "jsonpath={.items[*].metadata.name}";
const WITHOUT_SPRUCE = ["hazel", "maple"];

/** A server and two agents, from bare machines to their reset. */
export function describeOneServer(its: Distribution): void {
  describe(`a cluster by real ${its.title}, on bare machines`, function () {
    // Each test goes on with the cluster that the one before has left.
    this.bail(true);
    this.timeout(30 * 60_000);
    const cluster = useRancher(its);

    it("comes up by one `up`, whose validation passes", async () => {
      await cluster.describe({ kubernetesVersion: EARLIER });
      await upPasses(cluster.get().lab);
    });

    it("has asked the mirror for all that `vmstation mirror list` lists, and for its own images", () => {
      const { lab, mirror } = cluster.get();
      assert.deepEqual([...mirror.missing], []);
      const asked = readAsked(mirror.asked);
      // What the cluster's network is tried with is no file or image of a method's.
      const listed = listedFor(lab.stackFile, [bootstrapImages.pause.repository]);
      assert.deepEqual(asked.files, [...listed.files, ...its.otherFiles].sort());
      const own = asked.repositories.filter((repository) => its.isOwn(repository));
      assert.notDeepEqual(own, []);
      const repositories = [...listed.repositories, ...own, ...its.standIns].sort();
      assert.deepEqual(asked.repositories, repositories);
    });

    it("is left alone by another `up`", async () => {
      const { lab } = cluster.get();
      await upChangesNothing(lab);
    });

    it("has an agent that sleeps and wakes, and passes validation meanwhile", async () => {
      const { lab } = cluster.get();
      await fallAsleep(cluster.get(), "hazel");
      await lab.becomesHealthy();
      await lab.passes("wake", "hazel");
      await lab.becomesHealthy();
    });

    it("comes to another patch of Kubernetes, after a snapshot of etcd", async () => {
      const { lab, rig } = cluster.get();
      await cluster.describe();
      await upPasses(lab);
      const wanted = its.release(kubernetes.version);
      assert.deepEqual(await kubelets(cluster.get()), Array(3).fill(wanted));
      assert.equal(await cordoned(cluster.get()), "");
      const { stdout } = await rig.machine("maple").exec("ls /srv/backups/etcd");
      assert.match(stdout, /vmstation/);
    });

    it("lets an agent go that left the configuration", async () => {
      const { lab } = cluster.get();
      await cluster.describe({ machines: WITHOUT_SPRUCE }, { allowRemoval: true });
      await upPasses(lab);
      assert.equal(await lab.kubectl("get", "nodes", "-o", NODE_NAMES), "hazel maple");
    });

    it("comes back by itself after a power cut", async () => {
      const { lab, rig } = cluster.get();
      const machines = WITHOUT_SPRUCE.map((name) => rig.machine(name));
      await Promise.all(machines.map((machine) => machine.powerOff()));
      await Promise.all(machines.map((machine) => machine.boot()));
      await lab.becomesHealthy();
    });

    it("is wiped by a hard reset, which leaves no part of it running, and made again by an `up`", async () => {
      const { lab, rig } = cluster.get();
      const wiped = await lab.vmstation("reset", "hard", "--yes", "real", "--keep-state");
      assert.equal(wiped.code, 0, wiped.stderr);
      for (const name of WITHOUT_SPRUCE) {
        const { stdout } = await rig.machine(name).exec(its.look, { anyCode: true });
        assert.doesNotMatch(stdout, its.remains, name);
        await cluster.prepare(name);
      }
      lab.forgetState();
      await upPasses(lab);
    });
  });
}
