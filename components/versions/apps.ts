import type { ChartPin, ImagePin } from "./pin";

/** The apps' charts; itzg's newest release of the Minecraft chart. */
export const appCharts = {
  minecraft: {
    chart: "minecraft",
    repository: "https://itzg.github.io/minecraft-server-charts",
    version: "5.1.2",
  },
} as const satisfies Record<string, ChartPin>;

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
