import type { DnsRecordArgs } from "@pulumi/cloudflare/dnsRecord";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { PartFrame } from "../part";
import type { TunnelConfig } from "./config";
import { loadSdk } from "./sdk";

/** What Cloudflare has of the tunnel. */
export interface Edge {
  readonly id: pulumi.Output<string>;
  /** What opens it from this side, in base64; a secret. */
  readonly secret: pulumi.Output<string>;
  /** A public name leads to the tunnel; made once what answers is there. */
  readonly createRecord: (name: string, dependsOn: readonly pulumi.Resource[]) => pulumi.Resource;
  /** All names below the internal domain lead to an address that only home and the tailnet reach. */
  readonly createInternal: (domain: string, address: string) => pulumi.Resource;
}

/** The tunnel itself, which is configured here and not at Cloudflare. */
export function createEdge(
  config: TunnelConfig,
  { prefix, opts }: PartFrame,
  token: pulumi.Output<string>,
): Edge {
  const sdk = loadSdk();
  const provider = new sdk.Provider(
    `${prefix}-cloudflare`,
    { apiToken: pulumi.secret(token) },
    opts(),
  );
  const bytes = new random.RandomBytes(
    `${prefix}-secret`,
    { length: 32 },
    { ...opts(), additionalSecretOutputs: ["base64", "hex"] },
  );
  const secret = pulumi.secret(bytes.base64);
  const tunnel = new sdk.ZeroTrustTunnelCloudflared(
    prefix,
    {
      accountId: config.accountId,
      name: config.name,
      configSrc: "local",
      tunnelSecret: secret,
    },
    { ...opts(), provider },
  );
  return {
    id: tunnel.id,
    secret,
    createRecord: (name, dependsOn) =>
      new sdk.DnsRecord(`${prefix}-${name}`, publicRecord(config, name, tunnel.id), {
        ...opts(dependsOn),
        provider,
      }),
    createInternal: (domain, address) =>
      new sdk.DnsRecord(`${prefix}-internal`, internalRecord(config, domain, address), {
        ...opts(),
        provider,
      }),
  };
}

const COMMENT = "Made by VMStation";

/** Cloudflare's own time to live, the one that it takes for proxied records. */
const AUTOMATIC = 1;

function publicRecord(
  { zoneId }: Pick<TunnelConfig, "zoneId">,
  name: string,
  tunnel: pulumi.Output<string>,
): DnsRecordArgs {
  const content = pulumi.interpolate`${tunnel}.cfargotunnel.com`;
  // Only Cloudflare itself resolves what it leads to.
  return { zoneId, name, type: "CNAME", content, proxied: true, ttl: AUTOMATIC, comment: COMMENT };
}

function internalRecord(
  { zoneId }: Pick<TunnelConfig, "zoneId">,
  domain: string,
  content: string,
): DnsRecordArgs {
  const name = `*.${domain}`;
  return { zoneId, name, type: "A", content, proxied: false, ttl: AUTOMATIC, comment: COMMENT };
}
