import type { ImagePin } from "./pin";

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
