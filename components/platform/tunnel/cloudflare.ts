import type { DnsRecordArgs } from "@pulumi/cloudflare/dnsRecord";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { PartFrame } from "../part";
import type { TunnelConfig } from "./config";
import { internalRecord, publicRecord, renderTarget, type ZoneRecord } from "./records";
import { loadSdk } from "./sdk";

/** What Cloudflare has of the tunnel. */
export interface Edge {
  readonly id: pulumi.Output<string>;
  /** What opens it from this side, in base64; a secret. */
  readonly secret: pulumi.Output<string>;
  /** A public name leads to the tunnel; made once what answers is there. */
  readonly createRecord: (name: string, dependsOn: readonly pulumi.Resource[]) => pulumi.Resource;
  /** See internalRecord. */
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
  // A RandomBytes would have it as its ID as well, which stands in the state as it is.
  const password = new random.RandomPassword(
    `${prefix}-secret`,
    { length: SECRET_LENGTH, special: false },
    opts(),
  );
  const secret = pulumi.secret(password.result).apply(toBase64);
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
      new sdk.DnsRecord(
        `${prefix}-${name}`,
        renderRecord(config, publicRecord(name, tunnel.id.apply(renderTarget))),
        { ...opts(dependsOn), provider },
      ),
    createInternal: (domain, address) =>
      new sdk.DnsRecord(
        `${prefix}-internal`,
        renderRecord(config, internalRecord(domain, address)),
        { ...opts(), provider },
      ),
  };
}

/** Characters, each of 62: more than the 32 bytes of chance that Cloudflare asks for. */
const SECRET_LENGTH = 64;

const toBase64 = (text: string): string => Buffer.from(text).toString("base64");

const COMMENT = "Made by VMStation";

/** Cloudflare's own time to live, the one that it takes for proxied records. */
const AUTOMATIC = 1;

/** With what all records here have. */
function renderRecord<Content extends pulumi.Input<string>>(
  { zoneId }: Pick<TunnelConfig, "zoneId">,
  record: ZoneRecord<Content>,
): DnsRecordArgs {
  return { zoneId, ...record, ttl: AUTOMATIC, comment: COMMENT };
}
