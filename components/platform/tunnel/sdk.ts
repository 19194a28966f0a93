import type { DnsRecord } from "@pulumi/cloudflare/dnsRecord";
import type { Provider } from "@pulumi/cloudflare/provider";
import type { ZeroTrustTunnelCloudflared } from "@pulumi/cloudflare/zeroTrustTunnelCloudflared";
import { loadClasses } from "../../shared/load-package";

/** The provider's classes that are used here. */
export interface CloudflareSdk {
  readonly Provider: typeof Provider;
  readonly ZeroTrustTunnelCloudflared: typeof ZeroTrustTunnelCloudflared;
  readonly DnsRecord: typeof DnsRecord;
}

const FILES = {
  Provider: "provider",
  ZeroTrustTunnelCloudflared: "zeroTrustTunnelCloudflared",
  DnsRecord: "dnsRecord",
} as const satisfies Record<keyof CloudflareSdk, string>;

/** Loads the provider's package when a stack has a tunnel: others never read it. */
export function loadSdk(): CloudflareSdk {
  const sdk = loadClasses("@pulumi/cloudflare", FILES);
  if (!isSdk(sdk)) throw new Error("@pulumi/cloudflare lacks a class that is used here");
  return sdk;
}

function isSdk(value: object): value is CloudflareSdk {
  return Object.keys(FILES).every((name) => typeof Reflect.get(value, name) === "function");
}
