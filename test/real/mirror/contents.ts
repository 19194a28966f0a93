import path from "node:path";
import {
  bootstrapImages,
  calico,
  containerRuntime,
  kubernetes,
  platformCharts,
} from "../../../components/versions";
import { moduleFolder } from "../../cluster/tools";
import { EARLIER, programPath } from "../parts/modules";
import type { ImageRecipe } from "./image-store";

/** A file of the mirror, and what it is made of. */
export interface MirrorFile {
  /** The upstream host and the path there. */
  readonly path: string;
  /** The name of its digest in the configuration. */
  readonly checksum: string;
  /** One file as it is, manifests one after the other, or programs that are packed under names of their own. */
  readonly from: string | readonly string[] | Readonly<Record<string, string>>;
}

const GITHUB = "github.com";
const KUBERNETES = "registry.k8s.io";

/** kubeadm 1.35's own images beside Kubernetes (cmd/kubeadm/app/constants). */
const KUBEADM_ETCD = "3.6.6-0";
export const KUBEADM_COREDNS = "v1.13.1";

const VERSIONS = [
  { version: kubernetes.version, part: "kubernetes" },
  { version: EARLIER, part: "kubernetes-earlier" },
] as const;

/** What answers in the place of an app, whose image cannot be had. */
export const APP_STAND_IN = { repository: "docker.io/vmstation/app", tag: "1" };
/** Jellyfin's own. */
const APP_PORT = 8096;

const METALLB_TAG = `v${platformCharts.metallb.version}`;

/** The platform's parts, under the names that their charts give them, and the cluster suite's programs in them. */
export const PLATFORM_IMAGES = {
  controller: { repository: "quay.io/metallb/controller", tag: METALLB_TAG, from: "metallb" },
  speaker: { repository: "quay.io/metallb/speaker", tag: METALLB_TAG, from: "metallb" },
  traefik: { repository: "docker.io/library/traefik", tag: "v3", from: "platform" },
  certificates: {
    repository: "quay.io/jetstack/cert-manager-controller",
    tag: platformCharts.certManager.version,
    from: "platform",
  },
} as const;

/** The kinds of Calico's API that the program writes, as its reference documents them. */
const CALICO_KINDS = path.join(__dirname, "../../cluster/files/calico-crds.yaml");

const own = (name: string): string => path.join(__dirname, "files", name);

function kubernetesFiles(version: string): MirrorFile[] {
  const part = VERSIONS.find((each) => each.version === version)?.part ?? "kubernetes";
  return ["kubeadm", "kubelet", "kubectl"].map((name) => ({
    path: `dl.k8s.io/release/v${version}/bin/linux/amd64/${name}`,
    checksum: name,
    from: programPath(part, name),
  }));
}

function programs(part: string, folder: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`${folder}${name}`, programPath(part, name)]));
}

const PLUGINS = ["bandwidth", "bridge", "host-local", "loopback", "portmap", "ptp", "tuning"];

/** The files that a machine of this version is installed from, by kubeadm. */
export function mirrorFiles(version: string): MirrorFile[] {
  const { containerd, runc, cni, crictl } = containerRuntime;
  const manifests = `raw.githubusercontent.com/projectcalico/calico/v${calico.version}/manifests`;
  return [
    ...kubernetesFiles(version),
    {
      path: `${GITHUB}/containerd/containerd/releases/download/v${containerd.version}/containerd-${containerd.version}-linux-amd64.tar.gz`,
      checksum: "containerd",
      from: programs("containerd", "bin/", ["containerd", "containerd-shim-runc-v2", "ctr"]),
    },
    {
      path: `${GITHUB}/opencontainers/runc/releases/download/v${runc.version}/runc.amd64`,
      checksum: "runc",
      from: programPath("runc", "runc"),
    },
    {
      path: `${GITHUB}/containernetworking/plugins/releases/download/v${cni.version}/cni-plugins-linux-amd64-v${cni.version}.tgz`,
      checksum: "cni",
      from: programs("cni", "", PLUGINS),
    },
    {
      path: `${GITHUB}/kubernetes-sigs/cri-tools/releases/download/v${crictl.version}/crictl-v${crictl.version}-linux-amd64.tar.gz`,
      checksum: "crictl",
      from: programs("crictl", "", ["crictl"]),
    },
    // What stands in for Calico: its definitions, and kube-router in the place of its operator.
    {
      path: `${manifests}/operator-crds.yaml`,
      checksum: "operatorCrds",
      from: [own("operator-definitions.yaml"), CALICO_KINDS],
    },
    {
      path: `${manifests}/tigera-operator.yaml`,
      checksum: "operator",
      from: own("kube-router.yaml"),
    },
  ];
}

export const MIRRORED_VERSIONS: readonly string[] = VERSIONS.map(({ version }) => version);

/** The images; `tools` is the layer of those that change a machine's network. */
export function mirrorImages(tools: string): ImageRecipe[] {
  const small = programPath("small", "small");
  const { pause, metricsServer } = bootstrapImages;
  return [
    ...VERSIONS.flatMap(({ version, part }) => controlPlaneImages(version, part, tools)),
    { ...pause, files: { "/pause": small }, entrypoint: ["/pause"] },
    {
      repository: `${KUBERNETES}/etcd`,
      tag: KUBEADM_ETCD,
      files: programs("etcd", "/usr/local/bin/", ["etcd", "etcdctl", "etcdutl"]),
    },
    {
      repository: `${KUBERNETES}/coredns/coredns`,
      tag: KUBEADM_COREDNS,
      files: { "/coredns": programPath("coredns", "coredns") },
      entrypoint: ["/coredns"],
    },
    {
      ...metricsServer,
      files: { "/metrics-server": programPath("metrics-server", "metrics-server") },
      entrypoint: ["/metrics-server"],
    },
    {
      repository: "docker.io/cloudnativelabs/kube-router",
      tag: "v2.1.0",
      layers: [tools],
      files: { "/usr/local/bin/kube-router": programPath("kube-router", "kube-router") },
      entrypoint: ["/usr/local/bin/kube-router"],
    },
    {
      repository: "docker.io/vmstation/small",
      tag: "1",
      files: { "/small": small },
      entrypoint: ["/small"],
    },
    ...Object.entries(PLATFORM_IMAGES).map(([program, { repository, tag, from }]) => ({
      ...{ repository, tag, entrypoint: [`/${program}`] },
      files: { [`/${program}`]: path.join(moduleFolder(from), program) },
    })),
    // With a shell, as Jellyfin's image has one.
    {
      ...APP_STAND_IN,
      layers: [tools],
      files: { "/small": small },
      entrypoint: ["/small", "web", String(APP_PORT)],
    },
  ];
}

function controlPlaneImages(version: string, part: string, tools: string): ImageRecipe[] {
  const names = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"];
  return names.map((name) => ({
    repository: `${KUBERNETES}/${name}`,
    tag: `v${version}`,
    layers: name === "kube-proxy" ? [tools] : [],
    files: programs(part, "/usr/local/bin/", [name]),
  }));
}
