/**
 * Labels and annotations by which the program's parts find each other's objects; what runs on machines has the same in
 * files/marks.py.
 */

/** On a pod that does not keep its machine awake by merely running; the value is the machine's name. */
export const SLEEPS_WITH = "vmstation.io/sleeps-with";

/** Taints that a pod tolerates without a time limit, so that it stays bound to its machine while that sleeps. */
export const TAINTS_OF_SLEEP = ["not-ready", "unreachable"].map(
  (why) => `node.kubernetes.io/${why}:NoExecute`,
);
