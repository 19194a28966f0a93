import {
  byHand,
  COMMON_KEY_CHANGES,
  CONTROLLER,
  effect,
  endpointKeys,
  kubeletKeys,
  NEW_CLUSTER,
  NEXT_DOWNLOAD,
  NEXT_RUN,
  ONLY_KUBESPRAY,
  refused,
  SECRETS,
  snapshotKeys,
  type KeyChanges,
} from "../key-changes";

const RECONFIGURE =
  "put the former value back, or change it on the machines as Kubernetes' guide " +
  '"Reconfiguring a kubeadm cluster" says and run `up` again, which looks at them';
const CHECKSUM = effect("with kubernetesVersion");
const PART_CHECKSUM = effect("the next download is checked against it");

export const KUBEADM_KEY_CHANGES: KeyChanges = {
  ...COMMON_KEY_CHANGES,
  "bootstrap.controller": refused(CONTROLLER),
  "bootstrap.kubernetesVersion": effect(
    "kubeadm upgrade and a drain, the first control plane first, then one machine after the other",
  ),
  "bootstrap.apiServerPort": refused(NEW_CLUSTER),
  ...endpointKeys("every machine and the cluster's own objects name it"),
  "bootstrap.apiServerSans": byHand(
    "put the former names back, or make a new certificate on each control plane as Kubernetes' guide " +
      '"Certificate Management with kubeadm" says and run `up` again, which looks at it',
  ),
  ...kubeletKeys(byHand(RECONFIGURE)),
  "bootstrap.addons.helm": effect("the command is linked to /usr/local/bin, or its link removed"),
  "bootstrap.addons.metricsServer": effect("its manifest is applied, or deleted"),
  "bootstrap.sources.kubesprayGit": ONLY_KUBESPRAY,
  "bootstrap.sources.kubesprayCommit": ONLY_KUBESPRAY,
  "bootstrap.sources.pythonIndex": ONLY_KUBESPRAY,
  "bootstrap.sources.files": NEXT_DOWNLOAD,
  "bootstrap.sources.registryMirrors": effect("containerd reads its hosts.toml with each pull"),
  "bootstrap.sources.imageDigests.metricsServer": effect("its manifest is applied"),
  ...snapshotKeys(NEXT_RUN),
  "bootstrap.audit": byHand(RECONFIGURE),
  "bootstrap.encryption": refused(SECRETS),
  "bootstrap.renewCertificates": effect("the timer is enabled, or removed"),
  "bootstrap.checksums.kubeadm": CHECKSUM,
  "bootstrap.checksums.kubelet": CHECKSUM,
  "bootstrap.checksums.kubectl": CHECKSUM,
  "bootstrap.checksums.containerd": PART_CHECKSUM,
  "bootstrap.checksums.runc": PART_CHECKSUM,
  "bootstrap.checksums.cni": PART_CHECKSUM,
  "bootstrap.checksums.crictl": PART_CHECKSUM,
  "bootstrap.checksums.helm": PART_CHECKSUM,
  "bootstrap.checksums.arm64.kubeadm": CHECKSUM,
  "bootstrap.checksums.arm64.kubelet": CHECKSUM,
  "bootstrap.checksums.arm64.kubectl": CHECKSUM,
  "bootstrap.checksums.arm64.containerd": PART_CHECKSUM,
  "bootstrap.checksums.arm64.runc": PART_CHECKSUM,
  "bootstrap.checksums.arm64.cni": PART_CHECKSUM,
  "bootstrap.checksums.arm64.crictl": PART_CHECKSUM,
  "bootstrap.checksums.arm64.helm": PART_CHECKSUM,
  "bootstrap.checksums.operatorCrds": PART_CHECKSUM,
  "bootstrap.checksums.operator": PART_CHECKSUM,
  "bootstrap.kubelet": refused(NEW_CLUSTER),
  "bootstrap.kubeProxy": refused(NEW_CLUSTER),
  "bootstrap.containerd": effect("containerd starts again with it; containers go on"),
  "bootstrap.ignorePreflightErrors": effect("the next kubeadm run is told"),
  "network.mtu": effect("Calico's operator; a pod has it from its next start"),
};
