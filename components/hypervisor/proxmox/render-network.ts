import type { VnetArgs } from "@muhlba91/pulumi-proxmoxve/sdn/vnet";
import type { VxlanArgs } from "@muhlba91/pulumi-proxmoxve/sdn/zone/vxlan";
import type { HypervisorConfig } from "../config";
import { MARK } from "../virtual";

export type NetworkConfig = NonNullable<HypervisorConfig["network"]>;

/** The zone: each host sends to each other one. */
export function renderZone(
  { zone, mtu }: NetworkConfig,
  { hosts }: Pick<HypervisorConfig, "hosts">,
) {
  return {
    resourceId: zone,
    peers: Object.values(hosts)
      .map(({ address }) => address)
      .sort(),
    mtu,
  } satisfies VxlanArgs;
}

/** The network in it, which each host then has as a bridge of this name. */
export function renderVnet({ vnet, zone, tag }: NetworkConfig) {
  return { resourceId: vnet, zone, tag } satisfies VnetArgs;
}

/** With what an update that was cut is known by: whose it is. Its owner may describe it otherwise later. */
export function renderMarkedVnet(network: NetworkConfig, cluster: string) {
  return { ...renderVnet(network), alias: `${MARK} (${cluster})` } satisfies VnetArgs;
}
