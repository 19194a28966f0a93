import { kubernetes } from "../../../components/versions";
import type { RigOptions } from "../../rig/rig";
import type { Description } from "../cluster/lab";
import type { Real } from "../running-real";
import { useReal } from "../use-real";
import type { Distribution } from "./distribution";

/** A suite's machines, and how it says what they are to be. */
export interface RancherCluster {
  readonly get: () => Real;
  /** Writes the stack's file; `more` are other keys of its section `bootstrap`. */
  readonly describe: (description?: Description, more?: object) => Promise<void>;
  /** Makes a machine what the sandbox forces it to be: again after it was wiped. */
  readonly prepare: (machine: string) => Promise<void>;
}

/** Leaves a suite's tests pending where the program is not there, and gives it machines that can run it. */
export function useRancher(its: Distribution, options: RigOptions = {}): RancherCluster {
  before(function () {
    const why = its.whyNot();
    if (why === undefined) return;
    console.log(`    pending: ${why}`);
    this.skip();
  });
  const get = useReal({ ...options, calico: its.calico, own: true });

  async function prepare(machine: string): Promise<void> {
    const { rig, mirror } = get();
    await rig.machine(machine).exec(its.prepare(mirror.files));
  }

  async function describe(description: Description = {}, more: object = {}): Promise<void> {
    const { lab } = get();
    const { kubernetesVersion = kubernetes.version, ...others } = description;
    const bootstrap = await its.describe(kubernetesVersion, lab.sources(kubernetesVersion), more);
    lab.describe({ ...others, kubernetesVersion, more: { bootstrap } });
  }

  before(async () => {
    const { lab, rig } = get();
    await its.addTo(lab.pathOf("mirror"));
    await Promise.all(rig.machines.map(({ spec }) => prepare(spec.name)));
  });

  return { get, describe, prepare };
}

/** What kubelets say that they run, one word a machine. */
export async function kubelets({ lab }: Real): Promise<string[]> {
  const version = "jsonpath={.items[*].status.nodeInfo.kubeletVersion}";
  return (await lab.kubectl("get", "nodes", "-o", version)).split(" ");
}

/** Those that take no pods, as words. */
export function cordoned({ lab }: Real): Promise<string> {
  return lab.kubectl("get", "nodes", "-o", "jsonpath={.items[*].spec.unschedulable}");
}
