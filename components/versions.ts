/**
 * Every pin: what is installed, in which version, and where the number comes from. renovate.json finds each by its place
 * here, or by the comment above it, which names the data source and the package.
 */

// ---- bootstrap ----

/**
 * Kubespray's newest release tag, the commit that it stands for, and the newest patch of each minor of
 * Kubernetes in its table of digests (roles/kubespray_defaults/vars/main/checksums.yml).
 */
export const kubespray: {
  readonly tag: string;
  readonly commit: string;
  /** SHA-256 of its requirements.txt, which kubespray/files/requirements-TAG.lock was made of. */
  readonly requirements: string;
  readonly git: string;
  readonly newestPatch: Readonly<Record<number, number>>;
} = {
  tag: "v2.31.0",
  commit: "1c9add48975060f45396b34d8e022c30d7f80dab",
  requirements: "394083d5d59ebdf11a8ecf4b140749402de2d05c273699559546c7938a1a75b7",
  git: "https://github.com/kubernetes-sigs/kubespray.git",
  newestPatch: { 33: 11, 34: 7, 35: 4 },
};

/** The Kubernetes version that Kubespray v2.31.0 defaults to; Kubespray's digests. */
export const kubernetes = {
  // renovate: github-releases kubernetes/kubernetes
  version: "1.35.4",
  checksums: {
    kubeadm: {
      amd64: "0c0497da793f8897c14e45340da919534b615294a1aab69dc1998896c0f11145",
      arm64: "e8f6b5bee3e2c8b5965f4ae65c2ae04e3f9f426d2458a1e2f159e824d419d92c",
    },
    kubelet: {
      amd64: "983a6ba5a49823dcdd745c674e5e2416377dd27d6ad1b42d2befa0fb961a19f6",
      arm64: "d710eef03bb4ad164bb77af9be5b11b44f874e2fc08153c7d383420d685f73e8",
    },
    kubectl: {
      amd64: "b529430df69a688fd61b64ad2299edb5fd71cb58be2a4779dba624c7d3510efd",
      arm64: "6a5a4cc4e396d7626a7a693a3044b51c75520f81db30fe6816c2554e53be336f",
    },
  },
} as const;

/** Rancher's releases of that Kubernetes version. */
export const rancherReleases = {
  // renovate: github-releases k3s-io/k3s
  k3s: "1.35.4+k3s1",
  // renovate: github-releases rancher/rke2
  rke2: "1.35.4+rke2r1",
} as const;

/** "k3s1" of "1.35.4+k3s1". */
export function releaseOf(version: string): string {
  return version.slice(version.indexOf("+") + 1);
}

/** What kubeadm needs beside Kubernetes: the versions and digests of Kubespray v2.31.0's table. */
export const containerRuntime = {
  containerd: {
    // renovate: github-releases containerd/containerd
    version: "2.2.3",
    sha256: {
      amd64: "ca26ef5138f17b847bbeeec36d4bf5e002b54d25858197a870c125d57f44d32f",
      arm64: "2942d72435b18610f7b69c1ddb74f99cef5c549425ff80d3e74f04e5e80db6a4",
    },
  },
  runc: {
    // renovate: github-releases opencontainers/runc
    version: "1.4.2",
    sha256: {
      amd64: "ac8a90f9e225bb9322189937b230cdc5478d5753f0e31e1bda98a5cf06bd9539",
      arm64: "ea54032310588e115633aa2f4bba8bf9500257f657e1deca88df5778775138db",
    },
  },
  cni: {
    // renovate: github-releases containernetworking/plugins
    version: "1.9.1",
    sha256: {
      amd64: "b98f74a0f8522f0a83867178729c1aa70f2158f90c45a2ca8fa791db1c76b303",
      arm64: "56171987d3947707c3563db2f4001bccaf50fd63468611b9f3cbecb1375ee7ec",
    },
  },
  crictl: {
    // renovate: github-releases kubernetes-sigs/cri-tools
    version: "1.35.0",
    sha256: {
      amd64: "2e141e5b22cb189c40365a11807d69b76b9b3caced89fac2f4ec879408ce2177",
      arm64: "519071de89b64c43e2a1661bb5489c6c3fd5e9e5fcef75e50e542b0c891f1118",
    },
  },
  helm: {
    // renovate: github-releases helm/helm
    version: "3.18.4",
    sha256: {
      amd64: "f8180838c23d7c7d797b208861fecb591d9ce1690d8704ed1e4cb8e2add966c1",
      arm64: "c0a45e67eef0c7416a8a8c9e9d5d2d30d70e4f4d3f7bea5de28241fffa8f3b89",
    },
  },
} as const;

/** Calico as Kubespray v2.31.0 installs it; digests of the operator's manifests at that tag. */
export const calico = {
  // renovate: github-releases projectcalico/calico
  version: "3.31.5",
  operatorCrds: "6cc851daf33f79497e095276fe448aed9e74b52a9ea8b4cb96dfb1e9b302b5e2",
  operator: "02e1d5fe06735a8cb6bd2e4716e10186ff4f7ead10390a72fdf44af5694a9b42",
} as const;

/** The operator's image, as that manifest names it. */
export const calicoOperator = "quay.io/tigera/operator:v1.40.8";

/** What `kubeadm config images list` of the pinned version names beside Kubernetes' own images and pause. */
export const kubeadmImages = {
  // renovate: docker registry.k8s.io/etcd
  etcd: "3.6.6-0",
  // renovate: docker registry.k8s.io/coredns/coredns
  coreDns: "v1.13.1",
} as const;

/**
 * An image: `digest` is of its index, so that each architecture finds its own below it. An image without one says in
 * `unpinned` why, and anybody who owns the registry may move its tag.
 */
export type ImagePin = { readonly repository: string; readonly tag: string } & (
  { readonly digest: `sha256:${string}` } | { readonly unpinned: string }
);

/** The tag as a runtime takes it, with the digest that it has to have: "v0.8.1@sha256:…". */
export function pinnedTag(image: ImagePin): string {
  return "digest" in image ? `${image.tag}@${image.digest}` : image.tag;
}

/** The image as a pod names it; `digest` instead of its own where a mirror has packed it otherwise. */
export function imageOf(image: ImagePin, digest?: string): string {
  const tag = digest === undefined ? pinnedTag(image) : `${image.tag}@${digest}`;
  return `${image.repository}:${tag}`;
}

/** Images that the bootstrap itself runs: kubeadm's pause image for 1.34 and newer, metrics-server. */
export const bootstrapImages = {
  pause: {
    repository: "registry.k8s.io/pause",
    tag: "3.10.1",
    digest: "sha256:278fb9dbcca9518083ad1e11276933a2e96f23de604a3a08cc3c80002767d24c",
  },
  metricsServer: {
    repository: "registry.k8s.io/metrics-server/metrics-server",
    tag: "v0.8.1",
    digest: "sha256:b2d2efaf5ac3b366ed0f839d2412a2c4279d4fc2a2a733f12c52133faed36c41",
  },
} as const satisfies Record<string, ImagePin>;

// ---- apps ----

/** The apps' charts; itzg's newest release of the Minecraft chart. */
export const appCharts = {
  minecraft: {
    chart: "minecraft",
    repository: "https://itzg.github.io/minecraft-server-charts",
    version: "5.1.2",
  },
} as const;

/** The apps' images: the newest stable releases; of Minecraft itzg's server image with the Java of current versions. */
export const appImages = {
  jellyfin: {
    repository: "docker.io/jellyfin/jellyfin",
    tag: "10.11.11",
    digest: "sha256:aefb67e6a7ff1debdd154a78a7bbb780fd0c873d8639210a7f6a2016ad2b35db",
  },
  minecraft: {
    repository: "docker.io/itzg/minecraft-server",
    tag: "2026.9.1-java25",
    digest: "sha256:e8640538dac5d54c2838d57fa9641e735ad0cf2b71fb0e8a68da3b542a315749",
  },
  vaultwarden: {
    repository: "docker.io/vaultwarden/server",
    tag: "1.37.2",
    digest: "sha256:094b5689ed81549bd293418395c7cf495ae9d960fc2d4928cef2083ef913d912",
  },
  homepage: {
    repository: "ghcr.io/gethomepage/homepage",
    tag: "v1.12.3",
    digest: "sha256:cc84f2f5eb3c7734353701ccbaa24ed02dacb0d119114e50e4251e2005f3990a",
  },
  openbao: {
    repository: "docker.io/openbao/openbao",
    tag: "2.6.2",
    digest: "sha256:11fd73a2102cda9c55d5d881a8c3210303146a7ec1e8ac76f526e175c6d24641",
  },
  vault: {
    repository: "docker.io/hashicorp/vault",
    tag: "2.0.4",
    digest: "sha256:5be49781ecf78bfe775c5309c6a4d9f4e9e040b6c885c99eb2b12fb69855e1a2",
  },
} as const satisfies Record<string, ImagePin>;

// ---- monitoring ----

/** A Helm chart and where its publisher keeps it. */
export interface ChartPin {
  readonly chart: string;
  readonly version: string;
  /** Plain repository (https://), whose index has the chart's digest. One of an OCI registry would need it here. */
  readonly repository: string;
}

const PROMETHEUS_COMMUNITY = "https://prometheus-community.github.io/helm-charts";
// Grafana's own repository stopped publishing the Grafana and Loki charts in 2026; Alloy's stayed.
const GRAFANA_COMMUNITY = "https://grafana-community.github.io/helm-charts";
const GRAFANA = "https://grafana.github.io/helm-charts";

/** Chart versions: the newest stable ones in their publishers' repositories on 2026-08-22. */
export const charts = {
  // CRDs of prometheus-operator 0.93.1, the version that kube-prometheus-stack 88.5.3 runs.
  prometheusOperatorCrds: {
    chart: "prometheus-operator-crds",
    version: "31.0.1",
    repository: PROMETHEUS_COMMUNITY,
  },
  // Prometheus 3.14, Alertmanager 0.34, Grafana 13.2 (chart 12.11.1), kube-state-metrics 2.20.
  kubePrometheusStack: {
    chart: "kube-prometheus-stack",
    version: "88.5.3",
    repository: PROMETHEUS_COMMUNITY,
  },
  // node_exporter 1.12.1; the version that kube-prometheus-stack 88.5.3 would bring.
  nodeExporter: {
    chart: "prometheus-node-exporter",
    version: "4.56.1",
    repository: PROMETHEUS_COMMUNITY,
  },
  // Loki 3.7.6
  loki: { chart: "loki", version: "18.11.0", repository: GRAFANA_COMMUNITY },
  // Alloy 1.18.1
  alloy: { chart: "alloy", version: "1.11.1", repository: GRAFANA },
  // blackbox_exporter 0.28.0
  blackboxExporter: {
    chart: "prometheus-blackbox-exporter",
    version: "11.17.2",
    repository: PROMETHEUS_COMMUNITY,
  },
  // ipmi_exporter 1.10.1
  ipmiExporter: {
    chart: "prometheus-ipmi-exporter",
    version: "0.8.2",
    repository: PROMETHEUS_COMMUNITY,
  },
} as const satisfies Record<string, ChartPin>;

/** The image of chart prometheus-ipmi-exporter 0.8.2, which also runs on the machines themselves. */
export const ipmiExporterImage = {
  registry: "docker.io",
  repository: "prometheuscommunity/ipmi-exporter",
  tag: "v1.10.1",
  unpinned: "no registry was available to ask for its digest; Renovate adds it",
} as const satisfies ImagePin & { registry: string };

// ---- platform ----

/** What stands between the network and the apps: the newest stable charts of their publishers. */
export const platformCharts = {
  metallb: {
    chart: "metallb",
    repository: "https://metallb.github.io/metallb",
    version: "0.16.1",
  },
  csiDriverNfs: {
    chart: "csi-driver-nfs",
    repository: "https://raw.githubusercontent.com/kubernetes-csi/csi-driver-nfs/master/charts",
    version: "4.13.4",
  },
  cephCsiRbd: {
    chart: "ceph-csi-rbd",
    repository: "https://ceph.github.io/csi-charts",
    version: "3.17.1",
  },
  certManager: {
    chart: "cert-manager",
    repository: "https://charts.jetstack.io",
    version: "v1.21.1",
  },
  traefik: {
    chart: "traefik",
    repository: "https://traefik.github.io/charts",
    version: "41.3.0",
  },
} as const satisfies Record<string, ChartPin>;

/** Images of the platform's own objects. */
export const platformImages = {
  cloudflared: {
    repository: "docker.io/cloudflare/cloudflared",
    tag: "2026.8.2",
    digest: "sha256:0aa26e284f05e6c77ae375b8c9c11d9eb6a448fb7bcd8d40f31cb6176189eb38",
  },
  tailscale: {
    repository: "docker.io/tailscale/tailscale",
    tag: "v1.102.5",
    digest: "sha256:c507f3a2a6ab1cabd8d809b98edeb41edbd5c3fb6ad9632ffd098b4c7d0b4065",
  },
  coreDns: {
    repository: "docker.io/coredns/coredns",
    tag: "1.14.2",
    digest: "sha256:e7e6440cfd1e919280958f5b5a6ab2b184d385bba774c12ad2a9e1e4183f90d9",
  },
  localPathProvisioner: {
    repository: "docker.io/rancher/local-path-provisioner",
    tag: "v0.0.37",
    digest: "sha256:e757967a5ec338f6a9b371c5a9688bedaa8c3578ea3dd4db329ea0084be0a86f",
  },
  busybox: {
    repository: "docker.io/library/busybox",
    tag: "1.37.0",
    digest: "sha256:bdf57e528e45e4433820e045b29b4597825a1c9e38353532d90a01445013f82e",
  },
} as const satisfies Record<string, ImagePin>;

// ---- gitops ----

export const gitopsCharts = {
  // Argo CD 3.4.4
  argoCd: {
    chart: "argo-cd",
    repository: "https://argoproj.github.io/argo-helm",
    version: "10.1.1",
  },
} as const satisfies Record<string, ChartPin>;

export const gitopsImages = {
  ksops: {
    repository: "docker.io/viaductoss/ksops",
    tag: "v4.5.1",
    digest: "sha256:4def9fdd4e2f850265740ebe9592c5455d19b76891e88e602df8b52d74b95334",
  },
} as const satisfies Record<string, ImagePin>;
