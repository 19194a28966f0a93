import { z } from "zod";
import { rancherReleases, releaseOf } from "../../versions";
import { commonKeys, sha256 } from "../common-config";

export const rke2Schema = z
  .strictObject({
    method: z.literal("rke2").describe("How the cluster is installed"),
    ...commonKeys,
    encryption: z
      .literal(true, "true: RKE2 always encrypts Secrets")
      .prefault(true)
      .describe("Secrets are encrypted in etcd, always"),
    release: z
      .string()
      .regex(/^rke2r\d+$/, "an RKE2 release such as rke2r1")
      .prefault(releaseOf(rancherReleases.rke2))
      .describe("K3s's or RKE2's release of that Kubernetes version"),
    artefactChecksum: sha256
      .optional()
      .describe(
        "Digest of rke2.linux-amd64.tar.gz, beside the check against the release's own list",
      ),
    artefactChecksumArm64: sha256
      .optional()
      .describe("The same of rke2.linux-arm64.tar.gz, for ARM machines"),
  })
  .superRefine((config, ctx) => {
    if (config.apiServerPort === 6443) return;
    ctx.addIssue({
      code: "custom",
      path: ["apiServerPort"],
      message: "6443, which is fixed in RKE2",
      input: config.apiServerPort,
    });
  });

export type Rke2Config = z.infer<typeof rke2Schema>;
