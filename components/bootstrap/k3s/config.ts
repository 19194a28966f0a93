import { z } from "zod";
import { secretName } from "../../shared/scalars";
import { rancherReleases, releaseOf } from "../../versions";
import { commonKeys, sha256 } from "../common-config";

export const k3sSchema = z
  .strictObject({
    method: z.literal("k3s").describe("How the cluster is installed"),
    ...commonKeys,
    addons: commonKeys.addons
      .unwrap()
      .extend({
        traefik: z.boolean().prefault(false).describe("K3s's own Traefik, an ingress controller"),
        serviceLb: z
          .boolean()
          .prefault(false)
          .describe(
            "K3s's ServiceLB, which gives a Service of type LoadBalancer the machines' addresses",
          ),
        localStorage: z
          .boolean()
          .prefault(false)
          .describe("K3s's local-path storage class, whose volumes are folders of one machine"),
      })
      .prefault({}),
    release: z
      .string()
      .regex(/^k3s\d+$/, "a K3s release such as k3s1")
      .prefault(releaseOf(rancherReleases.k3s))
      .describe("K3s's or RKE2's release of that Kubernetes version"),
    checksums: z
      .strictObject({
        k3s: sha256
          .optional()
          .describe("Of the program k3s: the line ` k3s` of the release's sha256sum-amd64.txt"),
        arm64: z
          .strictObject({
            k3s: sha256
              .optional()
              .describe("Of k3s-arm64: the line ` k3s-arm64` of sha256sum-arm64.txt"),
          })
          .prefault({})
          .describe("The same of ARM machines"),
        operatorCrds: sha256.optional().describe("Of the Tigera operator's CRDs"),
        operator: sha256.optional().describe("Of the Tigera operator's manifest"),
      })
      .prefault({})
      .describe("Digests of what is fetched; k3s's own has to be said, as none is pinned"),
    tokenSecret: secretName
      .optional()
      .describe("Secret key holding the servers' token of a cluster that is adopted"),
    agentTokenSecret: secretName
      .optional()
      .describe("Secret key holding the agents' token of such a cluster, where it has its own"),
  })
  .superRefine((config, ctx) => {
    const { checksums, kubernetesVersion, release } = config;
    if (checksums.k3s !== undefined || checksums.arm64.k3s !== undefined) return;
    ctx.addIssue({
      code: "custom",
      path: ["checksums", "k3s"],
      message:
        `the digest of k3s v${kubernetesVersion}+${release}, which nobody has pinned: ` +
        "the line ` k3s` of sha256sum-amd64.txt beside the release's files " +
        "(for ARM machines checksums.arm64.k3s, the line ` k3s-arm64` of sha256sum-arm64.txt)",
      input: undefined,
    });
  });

export type K3sConfig = z.infer<typeof k3sSchema>;
