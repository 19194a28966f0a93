import { z } from "zod";
import { parseRange } from "../../shared/addresses";
import { dnsLabel, resources } from "../../shared/scalars";

const range = z
  .string()
  .refine(
    (text) => parseRange(text) !== undefined,
    "a range such as 192.168.1.230-192.168.1.239, or a network such as 192.168.1.224/28",
  );

/** Addresses of the LAN for Services of type LoadBalancer. */
export const loadBalancerSchema = z
  .strictObject({
    addresses: z
      .array(range)
      .min(1, "at least one range")
      .describe(
        "Free addresses of the LAN, outside what DHCP gives out, that it may give to Services",
      ),
    machines: z
      .array(dnsLabel)
      .min(1, "at least one machine")
      .optional()
      .describe(
        "Machines that answer for the addresses; default: workers that never sleep, or control planes where only these never sleep",
      ),
    controller: resources({
      requests: { cpu: "10m", memory: "48Mi" },
      limits: { cpu: "200m", memory: "128Mi" },
    }).describe("The pod that gives addresses out"),
    speaker: resources({
      requests: { cpu: "10m", memory: "32Mi" },
      limits: { cpu: "200m", memory: "96Mi" },
    }).describe("The pod on each machine that answers"),
  })
  .describe("MetalLB: addresses of the LAN for Services of type LoadBalancer");

export type LoadBalancerConfig = z.output<typeof loadBalancerSchema>;
