/**
 * Labels and annotations by which the program's parts find each other's objects; what runs on machines has the same in
 * files/marks.py.
 */

/**
 * On a pod that does not keep its machine awake by merely running. The value is the machine's name where the pod is an
 * app's, and ANY_MACHINE where the cluster goes on without it, whatever machine it is on.
 */
export const SLEEPS_WITH = "vmstation.io/sleeps-with";
// The power controller sends such a pod away before its machine sleeps.
export const ANY_MACHINE = "any-machine";

/** Taints that a pod tolerates without a time limit, so that it stays bound to its machine while that sleeps. */
export const TAINTS_OF_SLEEP = ["not-ready", "unreachable"].map(
  (why) => `node.kubernetes.io/${why}:NoExecute`,
);
