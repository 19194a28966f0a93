import type { ChartPin, ImagePin } from "./pin";

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
