import type { Machine } from "../node/machine";
import { bitsOf } from "../shared/addresses";
import type { HypervisorConfig } from "./config";
import { bridgeOf, networkOf, type VirtualMachine } from "./virtual";

/** The network that the machine has a second NIC on, for the cluster's own traffic; undefined where it has none. */
export function secondNetworkOf(
  { clusterAddress }: Pick<Machine, "clusterAddress">,
  { network }: Pick<HypervisorConfig, "network">,
): HypervisorConfig["network"] {
  return clusterAddress === undefined ? undefined : network;
}

/** Its address there with the network's bits, as cloud-init takes it: "10.0.0.10/24". */
export function secondAddressOf(
  machine: Pick<Machine, "clusterAddress">,
  config: Pick<HypervisorConfig, "network">,
): string | undefined {
  const cidr = secondNetworkOf(machine, config)?.cidr;
  if (cidr === undefined) return undefined;
  return `${machine.clusterAddress ?? ""}/${bitsOf(cidr)}`;
}

/** Whether the machine is on the network of Proxmox's SDN, by whichever NIC. */
export function isOnNetwork(
  machine: VirtualMachine,
  config: Pick<HypervisorConfig, "bridge" | "network">,
): boolean {
  return (
    networkOf(machine.vm, config) !== undefined || secondNetworkOf(machine, config) !== undefined
  );
}

/** The bridges and vnets that its NICs are on. */
export function bridgesOf(
  machine: VirtualMachine,
  config: Pick<HypervisorConfig, "bridge" | "network">,
): string[] {
  const second = secondNetworkOf(machine, config);
  return [bridgeOf(machine.vm, config), ...(second === undefined ? [] : [second.vnet])];
}
