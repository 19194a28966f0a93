import { z } from "zod";
import { dnsLabel, resources, secretName } from "../../shared/scalars";

const REPLICAS = "a number of pods, 1 to 5";

const hexId = (what: string) => {
  const words = `the ID of ${what}, 32 hexadecimal digits in quotes`;
  return z.string(words).regex(/^[0-9a-f]{32}$/, words);
};

/** A way in for everybody, to the names that are public. */
export const tunnelSchema = z
  .strictObject({
    accountId: hexId("the account").describe(
      "ID of the account at Cloudflare, 32 hexadecimal digits",
    ),
    zoneId: hexId("the zone").describe(
      "ID of the zone that is vmstation:platform.domain, 32 hexadecimal digits",
    ),
    tokenSecret: secretName.describe(
      "Secret key holding an API token with Account.Cloudflare Tunnel Edit and Zone.DNS Edit of that zone",
    ),
    name: dnsLabel.prefault("home").describe("Name of the tunnel at Cloudflare"),
    internalRecord: z
      .boolean()
      .prefault(false)
      .describe(
        "Whether the zone has a record for all names below vmstation:platform.internalDomain, with the ingress' address at home",
      ),
    replicas: z
      .int(REPLICAS)
      .min(1, REPLICAS)
      .max(5, REPLICAS)
      .prefault(2)
      .describe("Its pods, each with connections of its own"),
    resources: resources({
      requests: { cpu: "10m", memory: "32Mi" },
      limits: { cpu: "500m", memory: "192Mi" },
    }).describe("CPU and memory of each pod"),
  })
  .describe("Cloudflare Tunnel: names with access: public are reached from the internet");

export type TunnelConfig = z.output<typeof tunnelSchema>;
