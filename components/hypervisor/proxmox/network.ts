import type * as pulumi from "@pulumi/pulumi";
import type { HypervisorConfig } from "../config";
import { partName } from "../virtual";
import { renderMarkedVnet, renderVnet, renderZone, type NetworkConfig } from "./render-network";
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
  {
    config,
    cluster,
  }: { readonly config: Pick<HypervisorConfig, "hosts">; readonly cluster: string },
  opts: { readonly parent: pulumi.Resource; readonly provider: pulumi.ProviderResource },
): pulumi.Resource {
  const { Vxlan, Vnet, Applier } = loadNetworkSdk();
  const [zoneArgs, vnetArgs] = [renderZone(network, config), renderVnet(network)];
  const zone = new Vxlan(partName(name, "zone"), zoneArgs, { ...opts, ...KEPT });
  const vnet = new Vnet(partName(name, "vnet"), renderMarkedVnet(network, cluster), {
    ...{ ...opts, ...KEPT, dependsOn: [zone] },
    // One that an earlier version has made has none, and is not put into effect again for it.
    ignoreChanges: ["alias"],
  });
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
