import { calico, containerRuntime, kubernetes } from "../../versions";
import type { KubeadmConfig } from "./config";
import { OF_KUBERNETES } from "./keys";

/** One line of the list that fetch-artefacts.sh reads. */
export interface Artefact {
  readonly sha256: string;
  /** A program, a file as it is, or a tar ball that is unpacked into the destination. */
  readonly kind: "file" | "data" | "tar";
  readonly destination: string;
  readonly url: string;
}

const BIN = "/usr/local/bin";
const GITHUB = "https://github.com";

/** The same URL on a mirror of files: https://HOST/… is MIRROR/HOST/…. */
export function mirrored(url: string, mirror: string | undefined): string {
  return mirror === undefined ? url : url.replace(/^https:\/\//, `${mirror}/`);
}

function kubernetesArtefacts(config: KubeadmConfig): Artefact[] {
  return OF_KUBERNETES.map((name) => ({
    sha256: config.checksums[name] ?? kubernetes.checksums[name],
    kind: "file",
    destination: `${BIN}/${name}`,
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

/** The Tigera operator's manifests, in the order in which they are applied. */
export function operatorArtefacts(config: KubeadmConfig): Artefact[] {
  const from = `https://raw.githubusercontent.com/projectcalico/calico/v${calico.version}/manifests`;
  const manifests = "/etc/vmstation/kubeadm/manifests";
  const both: Artefact[] = [
    {
      sha256: config.checksums.operatorCrds ?? calico.operatorCrds,
      kind: "data",
      destination: `${manifests}/10-operator-crds.yaml`,
      url: `${from}/operator-crds.yaml`,
    },
    {
      sha256: config.checksums.operator ?? calico.operator,
      kind: "data",
      destination: `${manifests}/20-operator.yaml`,
      url: `${from}/tigera-operator.yaml`,
    },
  ];
  return both.map((artefact) => ({
    ...artefact,
    url: mirrored(artefact.url, config.sources.files),
  }));
}

export function renderArtefacts(artefacts: readonly Artefact[]): string {
  return artefacts
    .map(({ sha256, kind, destination, url }) => `${sha256} ${kind} ${destination} ${url}\n`)
    .join("");
}
