import {
  byHand,
  COMMON_KEY_CHANGES,
  effect,
  endpointKeys,
  kubeletKeys,
  NEW_CLUSTER,
  NEXT_RUN,
  refused,
  SECRETS,
  snapshotKeys,
  unused,
  type KeyChange,
  type KeyChanges,
} from "../key-changes";

const PLAYBOOK = effect("cluster.yml runs");

const removeAddon = (manifests: string): KeyChange =>
  byHand(
    `leave it on, or remove it on the control plane and run \`up\` again: kubectl delete -f /etc/kubernetes/${manifests}`,
    "turned off",
  );

export const KUBESPRAY_KEY_CHANGES: KeyChanges = {
  ...COMMON_KEY_CHANGES,
  "bootstrap.controller": effect(
    "the new controller takes the cluster over where `existing` says adopt, and refuses where not",
  ),
  "bootstrap.kubernetesVersion": effect(
    "upgrade-cluster.yml drains and upgrades one machine after the other",
  ),
  "bootstrap.apiServerPort": refused(NEW_CLUSTER),
  ...endpointKeys("the whole of cluster.yml"),
  "bootstrap.apiServerSans": effect("cluster.yml --tags control-plane makes a new certificate"),
  ...kubeletKeys(
    effect("cluster.yml --tags node writes the kubelets' configuration and restarts them"),
  ),
  "bootstrap.addons.helm": byHand(
    "leave it on, or remove /usr/local/bin/helm on the control planes and run `up` again",
    "turned off",
  ),
  "bootstrap.addons.metricsServer": removeAddon("addons/metrics_server"),
  "bootstrap.addons.certManager": removeAddon("addons/cert_manager"),
  "bootstrap.addons.metallb": removeAddon("metallb.yaml"),
  "bootstrap.addons.registry": removeAddon("addons/registry"),
  "bootstrap.addons.nodeLocalDns": effect(
    "cluster.yml tells the kubelets; where it is off, its DaemonSet is left",
  ),
  "bootstrap.sources.kubesprayGit": NEXT_RUN,
  "bootstrap.sources.kubesprayCommit": NEXT_RUN,
  "bootstrap.sources.pythonIndex": NEXT_RUN,
  "bootstrap.sources.files": PLAYBOOK,
  "bootstrap.sources.registryMirrors": refused(
    "keep the registry in the list, with its own address as the only mirror: Kubespray leaves a registry's file behind",
    "entry removed",
  ),
  "bootstrap.sources.imageDigests.metricsServer": unused("Kubespray pins its own image"),
  ...snapshotKeys(NEXT_RUN),
  "bootstrap.audit": effect("cluster.yml --tags control-plane writes the API server's manifest"),
  "bootstrap.encryption": refused(SECRETS),
  "bootstrap.renewCertificates": byHand(
    "leave it on, or remove the timer on each control plane and run `up` again: systemctl disable --now " +
      "k8s-certs-renew.timer && rm /etc/systemd/system/k8s-certs-renew.timer",
    "turned off",
  ),
  "bootstrap.resolvConf": refused(
    "leave it at host_resolvconf: Kubespray leaves its lines in resolv.conf behind",
    "turned off",
  ),
  "bootstrap.variables": effect(
    "the whole of cluster.yml, which writes the control plane's manifests too",
  ),
  "network.mtu": effect("cluster.yml --tags network; a pod has it from its next start"),
};
