import { z } from "zod";
import { cidr, ipv4, ONLY_IPV4 } from "../shared/scalars";

/**
 * How packets of pods go from machine to machine, as Calico's operator names it, and the bytes that each packet is longer
 * by. "CrossSubnet" wraps them only between machines of different subnets, "None" never.
 */
export const ENCAPSULATIONS = {
  IPIP: 20,
  IPIPCrossSubnet: 20,
  VXLAN: 50,
  VXLANCrossSubnet: 50,
  None: 0,
} as const;

const ENCAPSULATION_NAMES = [
  "IPIP",
  "IPIPCrossSubnet",
  "VXLAN",
  "VXLANCrossSubnet",
  "None",
] as const satisfies readonly (keyof typeof ENCAPSULATIONS)[];

export type Encapsulation = keyof typeof ENCAPSULATIONS;

/** The cluster's own networks; the bootstrap method installs Calico with them. */
export const networkSchema = z
  .strictObject({
    stack: z
      .literal("ipv4", { error: `ipv4: ${ONLY_IPV4}` })
      .prefault("ipv4")
      .describe("Families of addresses; IPv4 alone, see decisions/ipv4-alone.md"),
    podCidr: cidr.prefault("10.244.0.0/16").describe("Addresses of pods"),
    serviceCidr: cidr.prefault("10.96.0.0/12").describe("Addresses of services"),
    clusterDns: ipv4
      .optional()
      .describe("Address of the cluster's DNS; default: the tenth of the service network"),
    encapsulation: z
      .enum(ENCAPSULATION_NAMES)
      .prefault("IPIP")
      .describe(
        "How Calico carries pods' packets between machines; None takes machines of one subnet",
      ),
    mtu: z
      .int()
      .min(1280)
      .max(9000)
      .optional()
      .describe(
        "MTU of pods; default: 1500 less what the encapsulation takes, so 1480 for IPIP, 1450 for VXLAN, 1500 for None",
      ),
  })
  .prefault({})
  .describe("The cluster's networks");

export type NetworkConfig = z.infer<typeof networkSchema>;
