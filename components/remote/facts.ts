import { addressIn } from "../shared/addresses";
import type { LayerFacts } from "../shared/facts";
import type { LanConfig } from "./config";

/** The addresses that the LAN itself needs. */
export function lanFacts({ cidr, gateway, broadcast }: LanConfig): LayerFacts {
  const use = (key: string, address: string, user: string) => ({
    path: `lan.${key}`,
    from: address,
    to: address,
    written: address,
    user,
    scope: "lan" as const,
  });
  return {
    addresses: [
      use("cidr", addressIn(cidr, 0), "the network itself"),
      use("gateway", gateway, "the router"),
      use("broadcast", broadcast, "the broadcast address"),
    ],
  };
}
