import {
  COMMON_KEY_CHANGES,
  CONTROLLER,
  effect,
  kubeletKeys,
  NEXT_DOWNLOAD,
  oneValue,
  ONLY_KUBESPRAY,
  refused,
  snapshotKeys,
  unused,
  type KeyChanges,
} from "../key-changes";

const RESTART = effect("RKE2 restarts with it, one machine's service after its own step");

export const RKE2_KEY_CHANGES: KeyChanges = {
  ...COMMON_KEY_CHANGES,
  "bootstrap.controller": refused(CONTROLLER),
  "bootstrap.kubernetesVersion": RESTART,
  "bootstrap.apiServerPort": oneValue("RKE2's API server is always at 6443"),
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
  "bootstrap.renewCertificates": unused("RKE2 renews certificates when its service starts"),
  "bootstrap.release": RESTART,
  "bootstrap.artefactChecksum": effect("the next download is checked against it"),
  "network.mtu": RESTART,
};
