import type { Machine } from "../node/machine";
import { clusterAddressOf } from "../shared/addresses";
import type { ClusterArgs } from "./args";
import { nodePortNetworks } from "./render-calico";

/** What K3s and RKE2 know a machine by; where that is not its address on the LAN, this one is told beside it. */
export function renderAddresses(
  machine: Pick<Machine, "address" | "clusterAddress">,
): Readonly<Record<string, string>> {
  return {
    "node-ip": clusterAddressOf(machine),
    ...(machine.clusterAddress === undefined ? {} : { "node-external-ip": machine.address }),
  };
}

export function renderNodePortArgs(args: Pick<ClusterArgs, "machines" | "network">): string[] {
  const networks = nodePortNetworks(args);
  return networks.length === 0 ? [] : [`nodeport-addresses=${networks.join(",")}`];
}
