import ipaddr from "ipaddr.js";
import { z } from "zod";
import { type Access, hostKeys } from "../../shared/hosts";
import { dnsLabel, nodePort, resources } from "../../shared/scalars";
import { userId } from "../frame/schema";

const linkSchema = z.strictObject({
  title: z.string().min(1).max(60).describe("What the page calls it"),
  url: z
    .url({ protocol: /^https?$/, error: "an address such as https://example.org" })
    .describe("Where it leads"),
  group: z.string().min(1).max(60).prefault("Links").describe("Under which heading it stands"),
});

export const homepageSchema = z
  .strictObject({
    machine: dnsLabel.describe("The machine that runs it"),
    ...hostKeys,
    nodePort: nodePort.prefault(30_082).describe("Where people reach it, where it has no host"),
    title: z.string().min(1).max(60).prefault("Home").describe("The page's title"),
    links: z
      .array(linkSchema.describe("A link of one's own"))
      .prefault([])
      .describe("Links beside what the stack knows by itself"),
    uid: userId.prefault(1000).describe("User and group that it runs as"),
    resources: resources({
      requests: { cpu: "50m", memory: "128Mi" },
      limits: { cpu: "500m", memory: "512Mi" },
    }).describe("CPU and memory"),
  })
  .superRefine(judgeLinks)
  .describe("Homepage: one page with the stack's apps, dashboards and machines");

export type HomepageConfig = z.output<typeof homepageSchema>;

interface Judged {
  readonly access?: Access | undefined;
  readonly links: readonly { readonly url: string }[];
}

/** What a public page would tell the world of the home. */
function judgeLinks({ access, links }: Judged, ctx: z.RefinementCtx): void {
  if (access !== "public") return;
  links.forEach(({ url }, i) => {
    if (!isAtHome(new URL(url).hostname)) return;
    ctx.addIssue({
      code: "custom",
      path: ["links", i, "url"],
      input: url,
      message: "an address on the internet: the page is public, and shows nothing of the home",
    });
  });
}

/** Addresses that are not of the internet, and names that no public server knows. */
function isAtHome(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(bare)) return ipaddr.process(bare).range() !== "unicast";
  return !bare.includes(".") || /\.(local|lan|internal|home|localdomain|arpa)$/.test(bare);
}
