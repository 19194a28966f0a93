import {
  COMMON_KEY_CHANGES,
  CONTROLLER,
  effect,
  endpointKeys,
  kubeletKeys,
  NEW_CLUSTER,
  NEXT_DOWNLOAD,
  ONLY_KUBESPRAY,
  refused,
  SECRETS,
  snapshotKeys,
  unused,
  type KeyChanges,
} from "../key-changes";

const RESTART = effect("K3s restarts with it, one machine after another; containers go on");
const UPGRADE = effect(
  "a snapshot of etcd, then one machine after another is drained, gets it and is uncordoned",
);
const COMPONENT = effect("K3s restarts, and deploys it or deletes what it had deployed");
const CHECKSUM = effect("the next download is checked against it");
const TOKEN = refused(
  "put the former secret back: K3s's data in etcd is encrypted with the token, which K3s alone changes (`k3s token rotate`)",
);

export const K3S_KEY_CHANGES: KeyChanges = {
  ...COMMON_KEY_CHANGES,
  "bootstrap.controller": refused(CONTROLLER),
  "bootstrap.kubernetesVersion": UPGRADE,
  "bootstrap.apiServerPort": refused(NEW_CLUSTER),
  ...endpointKeys("each machine restarts K3s with it, one after another"),
  "bootstrap.apiServerSans": RESTART,
  ...kubeletKeys(RESTART),
  "bootstrap.addons.helm": unused("K3s brings no helm command"),
  "bootstrap.addons.metricsServer": COMPONENT,
  "bootstrap.addons.traefik": COMPONENT,
  "bootstrap.addons.serviceLb": COMPONENT,
  "bootstrap.addons.localStorage": COMPONENT,
  "bootstrap.sources.kubesprayGit": ONLY_KUBESPRAY,
  "bootstrap.sources.kubesprayCommit": ONLY_KUBESPRAY,
  "bootstrap.sources.pythonIndex": ONLY_KUBESPRAY,
  "bootstrap.sources.files": NEXT_DOWNLOAD,
  "bootstrap.sources.registryMirrors": RESTART,
  "bootstrap.sources.imageDigests.metricsServer": unused("K3s brings its own image"),
  ...snapshotKeys(RESTART),
  "bootstrap.audit": RESTART,
  "bootstrap.encryption": refused(SECRETS),
  "bootstrap.renewCertificates": effect("the timer is enabled, or removed"),
  "bootstrap.release": UPGRADE,
  "bootstrap.checksums.k3s": CHECKSUM,
  "bootstrap.checksums.arm64.k3s": CHECKSUM,
  "bootstrap.checksums.operatorCrds": CHECKSUM,
  "bootstrap.checksums.operator": CHECKSUM,
  "bootstrap.tokenSecret": TOKEN,
  "bootstrap.agentTokenSecret": TOKEN,
  "network.mtu": effect("Calico's operator; a pod has it from its next start"),
};
