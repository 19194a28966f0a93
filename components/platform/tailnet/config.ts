import { z } from "zod";
import { cidr, dnsLabel, resources, secretName } from "../../shared/scalars";

const TAG = "a tag such as tag:vmstation";

const NO_EXIT =
  "networks at home, such as 192.168.1.230/32 of the ingress: the device is no way out into the internet";

const POLICY =
  "false: the policy file belongs to the whole tailnet, and `up` shows the lines that it needs instead of replacing it";

/** A way home from anywhere, for the owner's own devices. */
export const tailnetSchema = z
  .strictObject({
    authSecret: secretName.describe(
      "Secret key holding the secret of an OAuth client with the scope Auth Keys (tskey-client-…), or an auth key",
    ),
    hostname: dnsLabel.prefault("home").describe("Name of the device in the tailnet"),
    tags: z
      .array(z.string().regex(/^tag:[a-z][a-z0-9-]*$/, TAG))
      .min(1, "at least one tag: what no person owns has one")
      .prefault(["tag:vmstation"])
      .describe("Tags of the device, which the OAuth client may give"),
    routes: z
      .array(
        z
          .string()
          .refine((text) => !text.endsWith("/0"), NO_EXIT)
          .pipe(cidr),
      )
      .min(1, "at least one network")
      .optional()
      .describe(
        "Networks that it leads to; default: the addresses of ingress and names, each alone (/32)",
      ),
    loginServer: z
      .url({ protocol: /^https$/, error: "an address such as https://headscale.example.org" })
      .optional()
      .describe("A control server of your own, such as Headscale; default: Tailscale's"),
    managePolicy: z
      .literal(false, POLICY)
      .prefault(false)
      .describe("Whether the tailnet's policy is changed. It is not: `up` shows what it needs"),
    resources: resources({
      requests: { cpu: "10m", memory: "48Mi" },
      limits: { cpu: "500m", memory: "160Mi" },
    }).describe("CPU and memory"),
  })
  .describe("Tailscale: a private network that leads to the home's names, and to nothing else");

export type TailnetConfig = z.output<typeof tailnetSchema>;
