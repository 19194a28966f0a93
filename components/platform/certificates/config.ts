import { z } from "zod";
import { resources, secretName } from "../../shared/scalars";

/** ACME's directories of Let's Encrypt. Staging proves that all works, and browsers do not trust it. */
export const DIRECTORIES = {
  "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
  letsencrypt: "https://acme-v02.api.letsencrypt.org/directory",
} as const;

const EXAMPLE = /@(.*\.)?example\.(com|net|org)$/i;

const email = z
  .email("an address such as you@your-domain.org, where Let's Encrypt reaches you")
  .refine((text) => !EXAMPLE.test(text), "an address of yours: Let's Encrypt refuses examples");

/** One certificate for all names behind the ingress. */
export const certificatesSchema = z
  .strictObject({
    issuer: z
      .enum(["letsencrypt-staging", "letsencrypt", "private"])
      .prefault("letsencrypt-staging")
      .describe(
        "Who signs: Let's Encrypt, its staging until that has worked, or a private authority that your devices have to be told of",
      ),
    email: email.optional().describe("Where Let's Encrypt reaches you"),
    cloudflareTokenSecret: secretName
      .optional()
      .describe(
        "Secret key with a token of Cloudflare that may read the domain's zone and change its DNS",
      ),
    resources: resources({
      requests: { cpu: "10m", memory: "48Mi" },
      limits: { cpu: "500m", memory: "192Mi" },
    }).describe("CPU and memory of each of its three pods"),
  })
  .superRefine((config, context) => {
    if (config.issuer === "private") return;
    for (const key of ["email", "cloudflareTokenSecret"] as const) {
      if (config[key] !== undefined) continue;
      context.addIssue({
        code: "custom",
        path: [key],
        message: `a value: ${config.issuer} needs it, as it proves by DNS that the domain is yours; issuer private needs none`,
        input: config[key],
      });
    }
  })
  .describe("cert-manager: one certificate for all names behind the ingress, renewed by itself");

export type CertificatesConfig = z.output<typeof certificatesSchema>;
