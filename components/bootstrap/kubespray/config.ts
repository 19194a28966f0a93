import { z } from "zod";
import { kubespray } from "../../versions";
import { commonKeys } from "../common-config";
import { EXACT, hasExactNumbers } from "../exact";

/** Whether the pinned Kubespray release can install this version: its table ends at a patch of each minor. */
export function knownToKubespray(wanted: string): boolean {
  const [, minor, patch] = wanted.split(".").map(Number);
  const newest = kubespray.newestPatch[minor ?? 0];
  return newest !== undefined && patch !== undefined && patch <= newest;
}

function acceptedVersions(): string {
  return Object.entries(kubespray.newestPatch)
    .map(([minor, patch]) => `1.${minor}.0 to 1.${minor}.${patch}`)
    .join(", ");
}

export const kubespraySchema = z
  .strictObject({
    method: z.literal("kubespray").describe("How the cluster is installed"),
    ...commonKeys,
    addons: commonKeys.addons
      .unwrap()
      .extend({
        certManager: z.boolean().prefault(false).describe("cert-manager, for certificates"),
        metallb: z
          .boolean()
          .prefault(false)
          .describe("MetalLB, for Services of the type LoadBalancer"),
        registry: z.boolean().prefault(false).describe("A registry of images in the cluster"),
        nodeLocalDns: z.boolean().prefault(false).describe("A DNS cache on every machine"),
      })
      .prefault({}),
    resolvConf: z
      .enum(["host_resolvconf", "none"])
      .prefault("host_resolvconf")
      .describe("Whether Kubespray writes the machines' resolv.conf"),
    variables: z
      .record(
        z.string().regex(/^[a-z][a-z0-9_]*$/, "the name of a Kubespray variable"),
        z.json().refine(hasExactNumbers, EXACT),
      )
      .prefault({})
      .describe(
        "Further Kubespray variables; refused where the tag does not know them, or another key says the same",
      ),
  })
  .superRefine((config, ctx) => {
    if (knownToKubespray(config.kubernetesVersion)) return;
    ctx.addIssue({
      code: "custom",
      path: ["kubernetesVersion"],
      message: `a version that Kubespray ${kubespray.tag} installs: ${acceptedVersions()}`,
      input: config.kubernetesVersion,
    });
  });

export type KubesprayConfig = z.infer<typeof kubespraySchema>;
