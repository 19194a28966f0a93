import type * as pulumi from "@pulumi/pulumi";
import type { HypervisorConfig } from "../config";
import { renderVnet, renderZone, type NetworkConfig } from "./render-network";
import { loadNetworkSdk } from "./sdk";

/** Removed from the configuration or destroyed, it stays: machines of others may be on it. */
const KEPT = { protect: true, retainOnDelete: true } as const;

/**
 * A network of Proxmox's SDN between all hosts, and what puts it into effect: zone and vnet are only noted until then.
 * Resolves to what a machine on the network waits for.
 */
export function createNetwork(
  name: string,
  network: NetworkConfig,
  config: Pick<HypervisorConfig, "hosts">,
  opts: { readonly parent: pulumi.Resource; readonly provider: pulumi.ProviderResource },
): pulumi.Resource {
  const { Vxlan, Vnet, Applier } = loadNetworkSdk();
  const [zoneArgs, vnetArgs] = [renderZone(network, config), renderVnet(network)];
  const zone = new Vxlan(`${name}-zone`, zoneArgs, { ...opts, ...KEPT });
  const vnet = new Vnet(`${name}-vnet`, vnetArgs, { ...opts, ...KEPT, dependsOn: [zone] });
  return new Applier(
    `${name}-network-applied`,
    // Nothing is taken away here, so the end of this resource puts nothing into effect.
    { onCreate: true, onDestroy: false },
    {
      ...opts,
      dependsOn: [zone, vnet],
      // It has no inputs that could change: it is made again for each change of the others.
      replacementTrigger: JSON.stringify([zoneArgs, vnetArgs]),
    },
  );
}
