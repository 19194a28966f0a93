/** Which new values of a refused key are refused: any, switching it off, leaving out an entry of a map, other roles than a control plane had. */
export type RefusedWhen = "changed" | "turned off" | "entry removed" | "control plane before";

/** What becomes of a key that is changed while the cluster runs. */
export type KeyChange =
  | { readonly kind: "takes effect"; readonly how: string }
  | {
      readonly kind: "refused";
      readonly when: RefusedWhen;
      readonly instead: string;
      /** Whether a person may make the change on the machine: `up` accepts it after that. */
      readonly byHand: boolean;
    }
  /** The schema accepts one value only. */
  | { readonly kind: "one value"; readonly why: string }
  /** The method never reads it. */
  | { readonly kind: "unused"; readonly why: string };

/**
 * What becomes of each key of vmstation:bootstrap and vmstation:network when it changes under a running cluster. Each
 * method has one, and it is the only place that says it: the checks on the machines, the preview and
 * docs/running-cluster.md follow.
 */
export type KeyChanges = Readonly<Record<string, KeyChange>>;

export const effect = (how: string): KeyChange => ({ kind: "takes effect", how });
export const unused = (why: string): KeyChange => ({ kind: "unused", why });
export const oneValue = (why: string): KeyChange => ({ kind: "one value", why });
export const refused = (instead: string, when: RefusedWhen = "changed"): KeyChange => ({
  ...{ kind: "refused", when, instead, byHand: false },
});
export const byHand = (instead: string, when: RefusedWhen = "changed"): KeyChange => ({
  ...{ kind: "refused", when, instead, byHand: true },
});

export const NEW_CLUSTER =
  "put the former value back; another one takes a new cluster: `vmstation reset hard`, then `up`";
export const SECRETS =
  "put the former value back: the Secrets that are there would stay as they are, or could not be read any more; " +
  "another value takes a new cluster: `vmstation reset hard`, then `up`";
export const CONTROLLER =
  "put the former control plane back: the other machines joined by its address";
export const NEXT_RUN = effect("the next run reads it");
export const NEXT_DOWNLOAD = effect("the next download comes from there");
export const ONLY_KUBESPRAY = unused("only Kubespray reads it");

/** Keys of which every method makes the same. */
export const COMMON_KEY_CHANGES: KeyChanges = {
  "bootstrap.existing": NEXT_RUN,
  "bootstrap.resetClusterName": NEXT_RUN,
  "bootstrap.allowRemoval": NEXT_RUN,
  "bootstrap.sources.imageDigests.pause": NEXT_RUN,
  "bootstrap.addonMachines": effect(
    "the label vmstation.io/addons moves, and with the next start of a pod its place",
  ),
  "network.stack": oneValue("IPv4 alone, see decisions/ipv4-alone.md"),
  "network.podCidr": refused(NEW_CLUSTER),
  "network.serviceCidr": refused(NEW_CLUSTER),
  "network.clusterDns": refused(NEW_CLUSTER),
  "network.encapsulation": refused(NEW_CLUSTER),
};

/** The address is there before anybody uses it, and goes after the last one has left it. */
export function endpointKeys(method: string): KeyChanges {
  return {
    "bootstrap.endpoint.address": effect(
      `keepalived on the control planes, the address in their certificates, then ${method}; another address takes two ` +
        "updates, the first without bootstrap.endpoint",
    ),
    "bootstrap.endpoint.interface": effect("keepalived on the control planes, one after another"),
  };
}

/** The same change of the kubelet's settings on every machine. */
export function kubeletKeys(change: KeyChange): KeyChanges {
  return {
    "bootstrap.reserves.system.cpu": change,
    "bootstrap.reserves.system.memory": change,
    "bootstrap.reserves.kube.cpu": change,
    "bootstrap.reserves.kube.memory": change,
    "bootstrap.maxPods": change,
  };
}

/** The same change of everything that says when etcd's snapshots are taken, and where they are kept. */
export function snapshotKeys(change: KeyChange): KeyChanges {
  return {
    "bootstrap.etcdSnapshot.enabled": change,
    "bootstrap.etcdSnapshot.directory": change,
    "bootstrap.etcdSnapshot.keep": change,
  };
}
