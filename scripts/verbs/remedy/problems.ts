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
    does: "delete crashing pods, so that their controllers create new ones",
    target: "a namespace or NAMESPACE/NAME",
  },
  {
    name: "evicted-pods",
    does: "delete pods that were evicted because a machine was short of memory or disk",
    target: "a namespace or NAMESPACE/NAME",
  },
  {
    name: "failed-jobs",
    does: "delete failed jobs of a CronJob, run other failed jobs again",
    target: "a namespace or NAMESPACE/NAME",
  },
  {
    name: "not-ready-node",
    does: "restart the kubelet on nodes that are not Ready, and the container runtime if it is down",
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
