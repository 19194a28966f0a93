import { containerRuntime, kubernetes } from "../../versions";
import type { Digests } from "../architectures";
import { builds, mirrored, operatorManifests, type Artefact } from "../artefacts";
import type { KubeadmConfig } from "./config";
import { OF_KUBERNETES } from "./keys";

const BIN = "/usr/local/bin";
/** From where place-kubelet.sh takes it. */
const FETCHED_KUBELET = "/usr/local/lib/vmstation/kubeadm/kubelet";
const GITHUB = "https://github.com";
const { containerd, runc, cni, crictl, helm } = containerRuntime;

function kubernetesArtefacts({ kubernetesVersion, checksums }: KubeadmConfig): Artefact[] {
  const isPinned = kubernetesVersion === kubernetes.version;
  return OF_KUBERNETES.flatMap((name) =>
    builds(
      {
        name,
        kind: "file",
        destination: name === "kubelet" ? FETCHED_KUBELET : `${BIN}/${name}`,
        pinned: isPinned ? kubernetes.checksums[name] : undefined,
        url: (arch) => `https://dl.k8s.io/release/v${kubernetesVersion}/bin/linux/${arch}/${name}`,
      },
      checksums,
    ),
  );
}

/** An archive that is unpacked into a folder. */
function archive(
  name: "containerd" | "cni" | "crictl" | "helm",
  destination: string,
  { sha256 }: { readonly sha256: Digests },
  url: (architecture: string) => string,
) {
  return { name, kind: "tar" as const, destination, pinned: sha256, url };
}

/** Programs of every machine, each for all architectures. */
export function machineArtefacts(config: KubeadmConfig): Artefact[] {
  const { checksums, addons, sources } = config;
  const all = [
    // The archive holds bin/.
    archive(
      "containerd",
      "/usr/local",
      containerd,
      (arch) =>
        `${GITHUB}/containerd/containerd/releases/download/v${containerd.version}/containerd-${containerd.version}-linux-${arch}.tar.gz`,
    ),
    {
      name: "runc" as const,
      kind: "file" as const,
      destination: `${BIN}/runc`,
      pinned: runc.sha256,
      url: (arch: string) =>
        `${GITHUB}/opencontainers/runc/releases/download/v${runc.version}/runc.${arch}`,
    },
    archive(
      "cni",
      "/opt/cni/bin",
      cni,
      (arch) =>
        `${GITHUB}/containernetworking/plugins/releases/download/v${cni.version}/cni-plugins-linux-${arch}-v${cni.version}.tgz`,
    ),
    archive(
      "crictl",
      BIN,
      crictl,
      (arch) =>
        `${GITHUB}/kubernetes-sigs/cri-tools/releases/download/v${crictl.version}/crictl-v${crictl.version}-linux-${arch}.tar.gz`,
    ),
  ].flatMap((built) => builds(built, checksums));
  const ofHelm = archive(
    "helm",
    "/opt/helm",
    helm,
    (arch) => `https://get.helm.sh/helm-v${helm.version}-linux-${arch}.tar.gz`,
  );
  return [
    ...all,
    ...kubernetesArtefacts(config),
    ...(addons.helm ? builds(ofHelm, checksums) : []),
  ].map((artefact) => ({ ...artefact, url: mirrored(artefact.url, sources.files) }));
}

/** The Tigera operator's manifests, beside those that are rendered. */
export function operatorArtefacts(config: KubeadmConfig): Artefact[] {
  return operatorManifests(config, "/etc/vmstation/kubeadm/manifests");
}
