import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { PartFrame } from "../part";
import type { TunnelConfig } from "./config";
import { loadSdk, type CloudflareSdk } from "./sdk";

/** What Cloudflare has of the tunnel. */
export interface Edge {
  readonly id: pulumi.Output<string>;
  /** What opens it from this side, in base64; a secret. */
  readonly secret: pulumi.Output<string>;
  /** A public name leads to the tunnel; made once what answers is there. */
  readonly createRecord: (name: string, dependsOn: readonly pulumi.Resource[]) => pulumi.Resource;
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
      createRecord(
        sdk,
        { prefix, config, name, tunnel: tunnel.id },
        { ...opts(dependsOn), provider },
      ),
  };
}

function createRecord(
  { DnsRecord }: CloudflareSdk,
  of: {
    readonly prefix: string;
    readonly config: TunnelConfig;
    readonly name: string;
    readonly tunnel: pulumi.Output<string>;
  },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new DnsRecord(
    `${of.prefix}-${of.name}`,
    {
      zoneId: of.config.zoneId,
      name: of.name,
      type: "CNAME",
      content: pulumi.interpolate`${of.tunnel}.cfargotunnel.com`,
      // Only Cloudflare itself resolves that name.
      proxied: true,
      // Cloudflare's own, the one that it takes for such a record.
      ttl: 1,
      comment: "Made by VMStation",
    },
    opts,
  );
}
