import { z } from "zod";
import { kubernetes } from "../../versions";
import { ARCHITECTURES, missingDigests, type Architecture } from "../architectures";
import { commonKeys } from "../common-config";
import { kubeadmKeys, OF_KUBERNETES } from "./keys";

export const kubeadmSchema = z
  .strictObject({
    method: z.literal("kubeadm").describe("How the cluster is installed"),
    ...commonKeys,
    ...kubeadmKeys,
  })
  .superRefine((config, ctx) => {
    const { kubernetesVersion, checksums } = config;
    if (kubernetesVersion === kubernetes.version) return;
    const lacks = (architecture: Architecture) =>
      missingDigests(checksums, OF_KUBERNETES, architecture).length > 0;
    if (!ARCHITECTURES.every(lacks)) return;
    ctx.addIssue({
      code: "custom",
      path: ["checksums"],
      message: `digests of kubeadm, kubelet and kubectl ${kubernetesVersion} (those of ${kubernetes.version} are pinned)`,
      input: undefined,
    });
  });

export type KubeadmConfig = z.infer<typeof kubeadmSchema>;
