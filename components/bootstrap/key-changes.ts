import type { BootstrapConfig } from "./config";

type Method = BootstrapConfig["method"];

/** Which new values of a refused key are refused: any, switching it off, or leaving out an entry of a map. */
export type RefusedWhen = "changed" | "turned off" | "entry removed";

/** What becomes of a key that is changed while the cluster runs. */
export type KeyChange =
  | { readonly kind: "takes effect"; readonly how: string }
  | {
      readonly kind: "refused";
      readonly when: RefusedWhen;
      readonly instead: string;
      /** Whether the change may be made by hand: it is accepted once the machine shows it. */
      readonly byHand: boolean;
    }
  /** The schema accepts one value only. */
  | { readonly kind: "one value"; readonly why: string }
  /** The method never reads it. */
  | { readonly kind: "unused"; readonly why: string };

const effect = (how: string): KeyChange => ({ kind: "takes effect", how });
const unused = (why: string): KeyChange => ({ kind: "unused", why });
const oneValue = (why: string): KeyChange => ({ kind: "one value", why });
const refused = (instead: string, when: RefusedWhen = "changed"): KeyChange => ({
  ...{ kind: "refused", when, instead, byHand: false },
});
const byHand = (instead: string, when: RefusedWhen = "changed"): KeyChange => ({
  ...{ kind: "refused", when, instead, byHand: true },
});

/** Keys of Kubespray alone have no row for the other methods. */
type Row = Partial<Record<Method, KeyChange>>;

const every = (change: KeyChange): Row => ({ kubespray: change, kubeadm: change, rke2: change });

const NEW_CLUSTER =
  "put the former value back; another one takes a new cluster: `vmstation reset hard`, then `up`";
const SECRETS =
  "put the former value back: the Secrets that are there would stay as they are, or could not be read any more; " +
  "another value takes a new cluster: `vmstation reset hard`, then `up`";
const RECONFIGURE =
  "put the former value back, or change it on the machines as Kubernetes' guide " +
  '"Reconfiguring a kubeadm cluster" says and run `up` again, which looks at them';
const removeAddon = (manifests: string): KeyChange =>
  byHand(
    `leave it on, or remove it on the control plane and run \`up\` again: kubectl delete -f /etc/kubernetes/${manifests}`,
    "turned off",
  );

const NEXT_RUN = effect("the next run reads it");
const PLAYBOOK = effect("cluster.yml runs");
const RESTART = effect("RKE2 restarts with it, one machine's service after its own step");
const ONLY_KUBESPRAY = unused("only Kubespray reads it");
const SNAPSHOT = { kubespray: NEXT_RUN, kubeadm: NEXT_RUN, rke2: RESTART };
const KUBELET = {
  kubespray: effect("cluster.yml --tags node writes the kubelets' configuration and restarts them"),
  kubeadm: byHand(RECONFIGURE),
  rke2: RESTART,
};
const CHECKSUM = { kubeadm: effect("with kubernetesVersion") };
const PART_CHECKSUM = { kubeadm: effect("the next download is checked against it") };

/**
 * What becomes of each key of vmstation:bootstrap and vmstation:network, by method, when it changes under a running
 * cluster. This is the only place that says it: the checks on the machines, the preview and docs/bootstrap.md follow.
 */
export const KEY_CHANGES: Readonly<Record<string, Row>> = {
  "bootstrap.existing": every(NEXT_RUN),
  "bootstrap.resetClusterName": every(NEXT_RUN),
  "bootstrap.allowRemoval": every(NEXT_RUN),
  "bootstrap.controller": {
    kubespray: effect(
      "the new controller takes the cluster over where `existing` says adopt, and refuses where not",
    ),
    kubeadm: refused("put the former control plane back: the other machines joined by its address"),
    rke2: refused("put the former control plane back: the other machines joined by its address"),
  },
  "bootstrap.kubernetesVersion": {
    kubespray: effect("upgrade-cluster.yml drains and upgrades one machine after the other"),
    kubeadm: effect("kubeadm upgrade, the first control plane before the others"),
    rke2: RESTART,
  },
  "bootstrap.apiServerPort": {
    kubespray: refused(NEW_CLUSTER),
    kubeadm: refused(NEW_CLUSTER),
    rke2: oneValue("RKE2's API server is always at 6443"),
  },
  "bootstrap.apiServerSans": {
    kubespray: effect("cluster.yml --tags control-plane makes a new certificate"),
    kubeadm: byHand(
      "put the former names back, or make a new certificate on each control plane as Kubernetes' guide " +
        '"Certificate Management with kubeadm" says and run `up` again, which looks at it',
    ),
    rke2: RESTART,
  },
  "bootstrap.reserves.system.cpu": KUBELET,
  "bootstrap.reserves.system.memory": KUBELET,
  "bootstrap.reserves.kube.cpu": KUBELET,
  "bootstrap.reserves.kube.memory": KUBELET,
  "bootstrap.maxPods": KUBELET,
  "bootstrap.addons.helm": {
    kubespray: byHand(
      "leave it on, or remove /usr/local/bin/helm on the control planes and run `up` again",
      "turned off",
    ),
    kubeadm: effect("the command is linked to /usr/local/bin, or its link removed"),
    rke2: unused("RKE2 brings no helm command"),
  },
  "bootstrap.addons.metricsServer": {
    kubespray: removeAddon("addons/metrics_server"),
    kubeadm: effect("its manifest is applied, or deleted"),
    rke2: RESTART,
  },
  "bootstrap.addons.certManager": { kubespray: removeAddon("addons/cert_manager") },
  "bootstrap.addons.metallb": { kubespray: removeAddon("metallb.yaml") },
  "bootstrap.addons.registry": { kubespray: removeAddon("addons/registry") },
  "bootstrap.addons.nodeLocalDns": {
    kubespray: effect("cluster.yml tells the kubelets; where it is off, its DaemonSet is left"),
  },
  "bootstrap.addonMachines": every(
    effect("the label vmstation.io/addons moves, and with the next start of a pod its place"),
  ),
  "bootstrap.sources.kubesprayGit": {
    ...{ kubespray: NEXT_RUN, kubeadm: ONLY_KUBESPRAY, rke2: ONLY_KUBESPRAY },
  },
  "bootstrap.sources.kubesprayCommit": {
    ...{ kubespray: NEXT_RUN, kubeadm: ONLY_KUBESPRAY, rke2: ONLY_KUBESPRAY },
  },
  "bootstrap.sources.pythonIndex": {
    ...{ kubespray: NEXT_RUN, kubeadm: ONLY_KUBESPRAY, rke2: ONLY_KUBESPRAY },
  },
  "bootstrap.sources.files": {
    kubespray: PLAYBOOK,
    kubeadm: effect("the next download comes from there"),
    rke2: effect("the next download comes from there"),
  },
  "bootstrap.sources.registryMirrors": {
    kubespray: refused(
      "keep the registry in the list, with its own address as the only mirror: Kubespray leaves a registry's file behind",
      "entry removed",
    ),
    kubeadm: effect("containerd reads its hosts.toml with each pull"),
    rke2: RESTART,
  },
  "bootstrap.sources.imageDigests.pause": every(NEXT_RUN),
  "bootstrap.sources.imageDigests.metricsServer": {
    kubespray: unused("Kubespray pins its own image"),
    kubeadm: effect("its manifest is applied"),
    rke2: unused("RKE2 brings its own image"),
  },
  "bootstrap.etcdSnapshot.enabled": SNAPSHOT,
  "bootstrap.etcdSnapshot.directory": SNAPSHOT,
  "bootstrap.etcdSnapshot.keep": SNAPSHOT,
  "bootstrap.audit": {
    kubespray: effect("cluster.yml --tags control-plane writes the API server's manifest"),
    kubeadm: byHand(RECONFIGURE),
    rke2: RESTART,
  },
  "bootstrap.encryption": {
    kubespray: refused(SECRETS),
    kubeadm: refused(SECRETS),
    rke2: oneValue("RKE2 always encrypts Secrets"),
  },
  "bootstrap.renewCertificates": {
    kubespray: byHand(
      "leave it on, or remove the timer on each control plane and run `up` again: systemctl disable --now " +
        "k8s-certs-renew.timer && rm /etc/systemd/system/k8s-certs-renew.timer",
      "turned off",
    ),
    kubeadm: effect("the timer is enabled, or removed"),
    rke2: unused("RKE2 renews certificates when its service starts"),
  },
  "bootstrap.resolvConf": {
    kubespray: refused(
      "leave it at host_resolvconf: Kubespray leaves its lines in resolv.conf behind",
      "turned off",
    ),
  },
  "bootstrap.variables": {
    kubespray: effect("the whole of cluster.yml, which writes the control plane's manifests too"),
  },
  "bootstrap.checksums.kubeadm": CHECKSUM,
  "bootstrap.checksums.kubelet": CHECKSUM,
  "bootstrap.checksums.kubectl": CHECKSUM,
  "bootstrap.checksums.containerd": PART_CHECKSUM,
  "bootstrap.checksums.runc": PART_CHECKSUM,
  "bootstrap.checksums.cni": PART_CHECKSUM,
  "bootstrap.checksums.crictl": PART_CHECKSUM,
  "bootstrap.checksums.helm": PART_CHECKSUM,
  "bootstrap.checksums.operatorCrds": PART_CHECKSUM,
  "bootstrap.checksums.operator": PART_CHECKSUM,
  "bootstrap.kubelet": { kubeadm: refused(NEW_CLUSTER) },
  "bootstrap.kubeProxy": { kubeadm: refused(NEW_CLUSTER) },
  "bootstrap.containerd": { kubeadm: effect("containerd starts again with it; containers go on") },
  "bootstrap.ignorePreflightErrors": { kubeadm: effect("the next kubeadm run is told") },
  "bootstrap.release": { rke2: RESTART },
  "bootstrap.artefactChecksum": { rke2: effect("the next download is checked against it") },
  "network.podCidr": every(refused(NEW_CLUSTER)),
  "network.serviceCidr": every(refused(NEW_CLUSTER)),
  "network.clusterDns": every(refused(NEW_CLUSTER)),
  "network.encapsulation": every(refused(NEW_CLUSTER)),
  "network.mtu": {
    kubespray: effect("cluster.yml --tags network; a pod has it from its next start"),
    kubeadm: effect("Calico's operator; a pod has it from its next start"),
    rke2: RESTART,
  },
};
