import type { Change } from "./homelab";

const ID = "0123456789abcdef0123456789abcdef";

/** A platform with a tunnel, as a user writes it, for the tests' homelab. */
export const TUNNEL_PLATFORM = {
  ...{ domain: "rowan.se", internalDomain: "int.rowan.se" },
  loadBalancer: { addresses: ["192.168.8.230-192.168.8.232"] },
  ingress: { address: "192.168.8.230" },
  tunnel: { accountId: ID, zoneId: ID, tokenSecret: "cloudflareToken", internalRecord: true },
};

/** A name that is public, and one that is not. */
export const TUNNEL_HOSTS: readonly Change[] = [
  [["apps", "jellyfin", "host"], "films"],
  [["apps", "jellyfin", "access"], "public"],
  [["monitoring", "grafana"], { host: "grafana" }],
];
