import { z } from "zod";
import { ipv4, resources } from "../../shared/scalars";

const REPLICAS = "a number of pods, 1 to 5";

/** One address for all names: HTTPS, and HTTP that is sent there. */
export const ingressSchema = z
  .strictObject({
    address: ipv4.describe("Its address, one of vmstation:platform.loadBalancer.addresses"),
    replicas: z
      .int(REPLICAS)
      .min(1, REPLICAS)
      .max(5, REPLICAS)
      .optional()
      .describe("Its pods; default: 2, or 1 where one machine alone answers for addresses"),
    resources: resources({
      requests: { cpu: "50m", memory: "64Mi" },
      limits: { cpu: "1", memory: "256Mi" },
    }).describe("CPU and memory of each pod"),
  })
  .describe("Traefik: names instead of ports, on one address of the LAN");

export type IngressConfig = z.output<typeof ingressSchema>;
