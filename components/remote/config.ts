import { z } from "zod";
import { broadcastOf } from "../shared/addresses";
import { cidr, dnsName, duration, ipv4, secretName } from "../shared/scalars";
import { closestTimeZone, isTimeZone } from "./time-zones";

/** The network that the machines stand on. */
export const lanSchema = z
  .strictObject({
    cidr: cidr.describe("The LAN's network"),
    gateway: ipv4.describe("The LAN's router"),
    broadcast: ipv4
      .optional()
      .describe("Where magic packets go; default: the last address of the LAN"),
    domain: dnsName.prefault("vmstation.local").describe("Internal DNS domain of the machines"),
    timeZone: z
      .string("a time zone such as UTC or Europe/Berlin")
      .refine(isTimeZone, {
        error: ({ input }) =>
          `a time zone such as UTC or Europe/Berlin; did you mean ${closestTimeZone(String(input))}?`,
      })
      .prefault("UTC")
      .describe("Time zone of every machine"),
  })
  .describe("The network that the machines stand on");

/** How the program reaches the machines. Nothing here may differ from one operator to the next. */
export const remoteSchema = z
  .strictObject({
    privateKeySecret: secretName
      .optional()
      .describe("Secret key holding an SSH private key; without it the SSH agent is asked"),
    dialTimeout: duration.prefault("15s").describe("How long one attempt to connect may take"),
    dialAttempts: z
      .int()
      .min(1)
      .max(100)
      .prefault(10)
      .describe("Attempts to connect before giving up"),
    lockTimeout: duration
      .prefault("10m")
      .describe("How long a step waits for another run on the same machine"),
  })
  .prefault({})
  .describe("How the program reaches the machines");

export type LanConfig = z.infer<typeof lanSchema> & { broadcast: string };

/** The LAN with what follows from its network; keys stay in the schema's order, as digests are made of it. */
export function completeLan(lan: z.infer<typeof lanSchema>): LanConfig {
  const { cidr: network, gateway, broadcast = broadcastOf(network), ...rest } = lan;
  return { cidr: network, gateway, broadcast, ...rest };
}

export type RemoteConfig = z.infer<typeof remoteSchema>;
