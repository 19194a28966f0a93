import { z } from "zod";
import { ipv4 } from "../../shared/scalars";

export const endpointSchema = z
  .strictObject({
    address: ipv4.describe("A free address on the LAN, outside what DHCP gives out"),
    interface: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9._-]{0,14}$/, "the name of a network interface such as br0")
      .optional()
      .describe(
        "Network interface that gets it on each control plane (default: machines.NAME.nic)",
      ),
  })
  .optional()
  .describe(
    "A virtual address for the API server, which moves to another control plane when one fails; for two control planes or more",
  );

export type EndpointConfig = NonNullable<z.infer<typeof endpointSchema>>;
