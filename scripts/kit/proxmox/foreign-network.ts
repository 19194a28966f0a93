import { z } from "zod";
import type { HypervisorConfig } from "../../../components/hypervisor/config";
import type { Resources } from "../pulumi/resources";
import type { ProxmoxApi } from "./api";
import { VNET_TYPE, ZONE_TYPE } from "./vm-name";

const zonesSchema = z.array(z.looseObject({ zone: z.string() }));
const vnetsSchema = z.array(z.looseObject({ vnet: z.string() }));

/**
 * What of the managed network Proxmox has and the state has not: somebody else has made it, or an update that was cut.
 * Proxmox would only say that it is defined already. Who made it is written nowhere, so that nothing is deleted for it.
 */
export async function foreignNetwork(
  api: Pick<ProxmoxApi, "get">,
  { network }: Pick<HypervisorConfig, "network">,
  state: Resources,
): Promise<string[]> {
  if (network?.manage !== true) return [];
  const has = (kind: string): boolean => state.some(({ type }) => type === kind);
  const { zone, vnet } = network;
  const zones = has(ZONE_TYPE) ? [] : zonesSchema.parse(await api.get("/cluster/sdn/zones"));
  const vnets = has(VNET_TYPE) ? [] : vnetsSchema.parse(await api.get("/cluster/sdn/vnets"));
  return [
    ...zones.filter((each) => each.zone === zone).map(() => render("zone", `zone ${zone}`)),
    ...vnets.filter((each) => each.vnet === vnet).map(() => render("vnet", `network ${vnet}`)),
  ];
}

const render = (key: string, what: string): string =>
  `hypervisor.network.${key}: Proxmox's SDN has the ${what} already, which the stack has not made, or not to its end. ` +
  "Leave out manage, and it is used as it is. Or delete it where nothing uses it (Datacenter, SDN), and run up again";
