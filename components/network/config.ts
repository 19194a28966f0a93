import { z } from "zod";
import { cidr, ipv4 } from "../schema";

/** The cluster's own networks; the bootstrap method installs Calico with them. */
export const networkSchema = z
  .strictObject({
    podCidr: cidr.prefault("10.244.0.0/16").describe("Addresses of pods"),
    serviceCidr: cidr.prefault("10.96.0.0/12").describe("Addresses of services"),
    clusterDns: ipv4
      .optional()
      .describe("Address of the cluster's DNS; the tenth of the service network unless told"),
    mtu: z
      .int()
      .min(1280)
      .max(8980)
      .prefault(1480)
      .describe("MTU of pods: the NIC's less 20 bytes for IP-in-IP"),
  })
  .prefault({})
  .describe("The cluster's networks");

export type NetworkConfig = z.infer<typeof networkSchema>;
