import type { Change } from "../../support/homelab";
import { homelabSite } from "../../support/site";
import type { Site } from "../../../stacks/site";

/** A platform as a user writes it: the tests' homelab is 192.168.8.0/24. */
export function platformSite(platform: object, ...changes: readonly Change[]): Site {
  return homelabSite([["platform"], platform], ...changes);
}

export const LOAD_BALANCER = { addresses: ["192.168.8.230-192.168.8.232"] };

const ID = "0123456789abcdef0123456789abcdef";

/** Every part at once. */
export const EVERYTHING = {
  ...{ domain: "rowan.se", internalDomain: "int.rowan.se" },
  loadBalancer: LOAD_BALANCER,
  ingress: { address: "192.168.8.230" },
  certificates: { email: "me@rowan.se", cloudflareTokenSecret: "dnsToken" },
  names: { address: "192.168.8.231" },
  storage: {
    local: { machines: ["maple"] },
    nfs: { server: "192.168.8.9", path: "/volume1/kubernetes" },
    ceph: {
      fsid: "b3b0fb5c-3f0b-4b1c-9d2f-5d0a2c3e4f50",
      monitors: ["192.168.8.33"],
      pool: "kubernetes",
      keySecret: "cephKey",
    },
  },
  tunnel: { accountId: ID, zoneId: ID, tokenSecret: "cloudflareToken" },
  tailnet: { authSecret: "tailscaleKey" },
};

let whole: Site | undefined;

/** The homelab with every part, the same for all who look at it. */
export function wholePlatform(): Site {
  return (whole ??= platformSite(EVERYTHING));
}
