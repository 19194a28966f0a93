import { z } from "zod";
import { kubernetes } from "../../versions";
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
    if (OF_KUBERNETES.every((name) => checksums[name] !== undefined)) return;
    ctx.addIssue({
      code: "custom",
      path: ["checksums"],
      message: `digests of kubeadm, kubelet and kubectl ${kubernetesVersion} (those of ${kubernetes.version} are pinned)`,
      input: undefined,
    });
  });

export type KubeadmConfig = z.infer<typeof kubeadmSchema>;
