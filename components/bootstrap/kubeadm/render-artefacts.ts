import { containerRuntime, kubernetes } from "../../versions";
import { mirrored, operatorManifests, type Artefact } from "../artefacts";
import type { KubeadmConfig } from "./config";
import { OF_KUBERNETES } from "./keys";

const BIN = "/usr/local/bin";
/** From where place-kubelet.sh takes it. */
const FETCHED_KUBELET = "/usr/local/lib/vmstation/kubeadm/kubelet";
const GITHUB = "https://github.com";

function kubernetesArtefacts(config: KubeadmConfig): Artefact[] {
  return OF_KUBERNETES.map((name) => ({
    sha256: config.checksums[name] ?? kubernetes.checksums[name],
    kind: "file",
    destination: name === "kubelet" ? FETCHED_KUBELET : `${BIN}/${name}`,
    url: `https://dl.k8s.io/release/v${config.kubernetesVersion}/bin/linux/amd64/${name}`,
  }));
}

/** Programs of every machine. */
export function machineArtefacts(config: KubeadmConfig): Artefact[] {
  const { containerd, runc, cni, crictl, helm } = containerRuntime;
  const { checksums } = config;
  const all: Artefact[] = [
    {
      sha256: checksums.containerd ?? containerd.sha256,
      kind: "tar",
      // The archive holds bin/.
      destination: "/usr/local",
      url: `${GITHUB}/containerd/containerd/releases/download/v${containerd.version}/containerd-${containerd.version}-linux-amd64.tar.gz`,
    },
    {
      sha256: checksums.runc ?? runc.sha256,
      kind: "file",
      destination: `${BIN}/runc`,
      url: `${GITHUB}/opencontainers/runc/releases/download/v${runc.version}/runc.amd64`,
    },
    {
      sha256: checksums.cni ?? cni.sha256,
      kind: "tar",
      destination: "/opt/cni/bin",
      url: `${GITHUB}/containernetworking/plugins/releases/download/v${cni.version}/cni-plugins-linux-amd64-v${cni.version}.tgz`,
    },
    {
      sha256: checksums.crictl ?? crictl.sha256,
      kind: "tar",
      destination: BIN,
      url: `${GITHUB}/kubernetes-sigs/cri-tools/releases/download/v${crictl.version}/crictl-v${crictl.version}-linux-amd64.tar.gz`,
    },
    ...kubernetesArtefacts(config),
  ];
  if (config.addons.helm) {
    all.push({
      sha256: checksums.helm ?? helm.sha256,
      kind: "tar",
      destination: "/opt/helm",
      url: `https://get.helm.sh/helm-v${helm.version}-linux-amd64.tar.gz`,
    });
  }
  return all.map((artefact) => ({
    ...artefact,
    url: mirrored(artefact.url, config.sources.files),
  }));
}

/** The Tigera operator's manifests, beside those that are rendered. */
export function operatorArtefacts(config: KubeadmConfig): Artefact[] {
  return operatorManifests(config, "/etc/vmstation/kubeadm/manifests");
}
