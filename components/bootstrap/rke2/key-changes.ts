import {
  COMMON_KEY_CHANGES,
  CONTROLLER,
  effect,
  endpointKeys,
  kubeletKeys,
  NEXT_DOWNLOAD,
  oneValue,
  ONLY_KUBESPRAY,
  refused,
  snapshotKeys,
  unused,
  type KeyChanges,
} from "../key-changes";

const RESTART = effect("RKE2 restarts with it, one machine after another; containers go on");
const UPGRADE = effect(
  "a snapshot of etcd, then one machine after another is drained, gets it and is uncordoned",
);

export const RKE2_KEY_CHANGES: KeyChanges = {
  ...COMMON_KEY_CHANGES,
  "bootstrap.controller": refused(CONTROLLER),
  "bootstrap.kubernetesVersion": UPGRADE,
  "bootstrap.apiServerPort": oneValue("RKE2's API server is always at 6443"),
  ...endpointKeys("each machine restarts RKE2 with it, one after another"),
  "bootstrap.apiServerSans": RESTART,
  ...kubeletKeys(RESTART),
  "bootstrap.addons.helm": unused("RKE2 brings no helm command"),
  "bootstrap.addons.metricsServer": RESTART,
  "bootstrap.sources.kubesprayGit": ONLY_KUBESPRAY,
  "bootstrap.sources.kubesprayCommit": ONLY_KUBESPRAY,
  "bootstrap.sources.pythonIndex": ONLY_KUBESPRAY,
  "bootstrap.sources.files": NEXT_DOWNLOAD,
  "bootstrap.sources.registryMirrors": RESTART,
  "bootstrap.sources.imageDigests.metricsServer": unused("RKE2 brings its own image"),
  ...snapshotKeys(RESTART),
  "bootstrap.audit": RESTART,
  "bootstrap.encryption": oneValue("RKE2 always encrypts Secrets"),
  "bootstrap.renewCertificates": effect("the timer is enabled, or removed"),
  "bootstrap.release": UPGRADE,
  "bootstrap.artefactChecksum": effect("the next download is checked against it"),
  "bootstrap.artefactChecksumArm64": effect("the next download is checked against it"),
  "network.mtu": RESTART,
};
