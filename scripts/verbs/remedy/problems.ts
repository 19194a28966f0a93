/** A problem that a remedy mends, and what that may be told. */
export interface Problem {
  readonly name: string;
  readonly does: string;
  /** What the second word names; undefined where there is none. */
  readonly target: "a namespace or NAMESPACE/NAME" | "a machine" | undefined;
}

/** In the order in which `vmstation remedy` lists them; files/remedies.py has one function for each. */
export const PROBLEMS: readonly Problem[] = [
  {
    name: "crash-loops",
    does: "delete pods that crash and wait to be restarted, so that their owner starts them again",
    target: "a namespace or NAMESPACE/NAME",
  },
  {
    name: "evicted-pods",
    does: "delete what is left of pods that a machine short of room has evicted",
    target: "a namespace or NAMESPACE/NAME",
  },
  {
    name: "failed-jobs",
    does: "delete failed jobs of a CronJob, run other failed jobs again",
    target: "a namespace or NAMESPACE/NAME",
  },
  {
    name: "not-ready-node",
    does: "restart the kubelet, and the container runtime where it is down, on machines not Ready",
    target: "a machine",
  },
  {
    name: "coredns",
    does: "restart the cluster's DNS, one pod at a time, and wait until it is ready",
    target: undefined,
  },
  {
    name: "cni",
    does: "restart Calico on machines that are awake, one after the other",
    target: "a machine",
  },
];
