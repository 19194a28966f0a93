import assert from "node:assert/strict";
import { kubernetes } from "../../../components/versions";
import { FOURTH, POD_MACHINES } from "../../rig/machine-spec";
import { waitFor } from "../../rig/wait";
import { ADDRESS, changeHostKey, CONTROL, WALNUT } from "../cluster/fourth";
import { upChangesNothing, upPasses } from "../cluster/lab";
import { requireLong } from "../long";
import { EARLIER } from "../parts/modules";
import { STAND_INS, type Real } from "../running-real";
import { cordoned, kubelets, useRancher } from "./cluster";
import type { Distribution } from "./distribution";

const MINUTE = 60_000;
const ENDPOINT = { endpoint: { address: ADDRESS } };

/** Of the nodes that have a member of etcd, whether it has a vote, one word each. */
const VOTES = 'jsonpath={.items[*].status.conditions[?(@.type=="EtcdIsVoter")].status}';

/** What was seen cordoned, each time that the API server answered. */
async function watchTurns(real: Real, done: AbortSignal): Promise<Set<string>> {
  const turns = new Set<string>();
  while (!done.aborted) {
    const seen = await cordoned(real).catch(() => undefined);
    if (seen !== undefined) turns.add(seen);
  }
  return turns;
}

/** Three servers and an agent, behind one address. */
export function describeServers(its: Distribution): void {
  describe(`three servers of real ${its.title} behind one address`, function () {
    // Each test goes on with the cluster that the one before has left.
    this.bail(true);
    this.timeout(40 * MINUTE);
    before(function () {
      requireLong(this);
    });
    const cluster = useRancher(its, { machines: [...POD_MACHINES, FOURTH] });
    const changes = { spruce: CONTROL, walnut: WALNUT };

    // A member that has joined gets its vote once it has the data.
    const haveVotes = (): Promise<true> =>
      waitFor(
        "three members with a vote",
        async () => {
          const votes = await cluster.get().lab.kubectl("get", "nodes", "-o", VOTES);
          return votes === "True True True" || undefined;
        },
        MINUTE,
      );

    it("come up by one `up`, each with a member of etcd that has a vote", async () => {
      const { lab } = cluster.get();
      await cluster.describe({ kubernetesVersion: EARLIER, changes }, ENDPOINT);
      await upPasses(lab);
      await haveVotes();
    });

    it("are left alone by another `up`", async () => {
      const { lab } = cluster.get();
      await upChangesNothing(lab);
    });

    it("take objects at that address while the first of them is without power, which comes back by itself", async () => {
      const { lab, rig } = cluster.get();
      await rig.machine("maple").powerOff();
      const keep = ["create", "configmap", "keepsake", "--from-literal=found=again"];
      await waitFor(
        "an object that can be written",
        () => lab.kubectl("--request-timeout=2s", ...keep).then(() => true),
        2 * MINUTE,
      );
      await rig.machine("maple").boot();
      await lab.becomesHealthy();
    });

    it("come to another patch one at a time", async () => {
      const { lab } = cluster.get();
      await cluster.describe({ changes }, ENDPOINT);
      const done = new AbortController();
      const watching = watchTurns(cluster.get(), done.signal);
      await upPasses(lab).finally(() => {
        done.abort();
      });
      const turns = await watching;
      assert.deepEqual([...turns].sort(), ["", "true"]);
      const wanted = its.release(kubernetes.version);
      assert.deepEqual(await kubelets(cluster.get()), Array(4).fill(wanted));
      await haveVotes();
    });

    it("take a new machine in the place of a dead one, under its name", async () => {
      const { lab, rig } = cluster.get();
      const machine = rig.machine("walnut");
      await machine.reset();
      await machine.exec(STAND_INS);
      await cluster.prepare("walnut");
      const hostKey = await changeHostKey(machine);
      const replaced = { ...changes, walnut: { ...WALNUT, hostKey } };
      await cluster.describe({ changes: replaced }, ENDPOINT);
      await upPasses(lab);
      await haveVotes();
      const value = ["get", "configmap", "keepsake", "-o", "jsonpath={.data.found}"];
      assert.equal(await lab.kubectl(...value), "again");
      await upChangesNothing(lab);
    });
  });
}
