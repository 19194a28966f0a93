import { CLUSTER_MODULES } from "../cluster/tools";
import { requireTools } from "../cluster/use-cluster";
import { packageIndex, type Description } from "../rig/bootstrap/lab";
import { useRig } from "../rig/use-rig";
import { ClusterLab } from "./cluster-lab";
import type { Engine } from "./find-engine";
import { requireEngine } from "./use-engine";

/** Gives a mocha suite the rig's whole stack, with nothing of it there yet. */
export function useClusterLab(description?: Description): () => ClusterLab {
  let engine: Engine | undefined;
  let lab: ClusterLab | undefined;

  // Without the programs no machine need be made.
  before(async function () {
    requireTools(this, [...CLUSTER_MODULES, "helm"]);
    engine = await requireEngine(this);
  });
  const rig = useRig();

  before(async function () {
    if (packageIndex() === undefined) {
      console.log("    pending: Ansible's packages could not be fetched");
      this.skip();
    }
    if (engine !== undefined) lab = await ClusterLab.start(rig(), engine, description);
  });
  // Before the rig's own: the control plane lives in a machine's network.
  after(async () => {
    await lab?.stop();
    lab = undefined;
  });

  return () => {
    if (lab === undefined) throw new Error("there is no stack");
    return lab;
  };
}
