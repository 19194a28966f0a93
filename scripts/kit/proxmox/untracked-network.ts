import { z } from "zod";
import type { HypervisorConfig } from "../../../components/hypervisor/config";
import {
  type NetworkConfig,
  renderMarkedVnet,
  renderZone,
} from "../../../components/hypervisor/proxmox/render-network";
import type { Resources } from "../pulumi/resources";
import type { ProxmoxApi } from "./api";
import type { FoundPart } from "./parts";
import { VNET_TYPE, ZONE_TYPE } from "./vm-name";

const zonesSchema = z.array(z.looseObject({ zone: z.string() }));
const vnetsSchema = z.array(z.looseObject({ vnet: z.string(), zone: z.string().optional() }));

type Zone = z.infer<typeof zonesSchema>[number];
type Vnet = z.infer<typeof vnetsSchema>[number];

interface NetworkArgs {
  readonly hypervisor: Pick<HypervisorConfig, "network" | "hosts">;
  /** Name of the cluster, which the network's mark has. */
  readonly cluster: string;
}

/**
 * What of the managed network Proxmox has and the state has not. An update that was cut has made it where it is exactly
 * as one makes it: the network with our mark, and the zone, which can have none, with no other network in it. Anything
 * else is somebody else's.
 */
export async function findUntrackedNetwork(
  api: Pick<ProxmoxApi, "get">,
  { hypervisor, cluster }: NetworkArgs,
  state: Resources,
): Promise<FoundPart[]> {
  const { network } = hypervisor;
  if (network?.manage !== true) return [];
  const has = (kind: string): boolean => state.some(({ type }) => type === kind);
  if (has(ZONE_TYPE) && has(VNET_TYPE)) return [];
  const vnets = vnetsSchema.parse(await api.get("/cluster/sdn/vnets"));
  const vnet = vnets.find((each) => each.vnet === network.vnet);
  const inputs = renderMarkedVnet(network, cluster);
  const isOurs = has(VNET_TYPE) || (vnet !== undefined && isSameVnet(vnet, inputs));
  const zone = has(ZONE_TYPE) ? undefined : await findZone(api, network);
  const others = vnets.some((one) => one.zone === network.zone && !(one === vnet && isOurs));
  return [
    ...(zone === undefined
      ? []
      : [
          !others && isSameZone(zone, network, hypervisor)
            ? { kind: "zone" as const, id: network.zone, inputs: renderZone(network, hypervisor) }
            : { problem: render("zone", `zone ${network.zone}`) },
        ]),
    ...(vnet === undefined || has(VNET_TYPE)
      ? []
      : [
          isOurs
            ? { kind: "vnet" as const, id: network.vnet, inputs }
            : { problem: render("vnet", `network ${network.vnet}`) },
        ]),
  ];
}

async function findZone(
  api: Pick<ProxmoxApi, "get">,
  { zone }: NetworkConfig,
): Promise<Zone | undefined> {
  const zones = zonesSchema.parse(await api.get("/cluster/sdn/zones"));
  return zones.find((each) => each.zone === zone);
}

/** Of a zone or vnet that waits to be put into effect as well. */
const NO_SETTINGS: ReadonlySet<string> = new Set(["digest", "lock-token", "pending", "state"]);

/** Every other key is a setting that somebody has made; Proxmox may name its own IPAM, which a zone without one has. */
function isSameZone(
  found: Zone,
  network: NetworkConfig,
  hypervisor: Pick<HypervisorConfig, "hosts">,
): boolean {
  const { peers, mtu } = renderZone(network, hypervisor);
  const wanted = { zone: network.zone, type: "vxlan", peers: peers.join(","), mtu: String(mtu) };
  const seen = {
    ...found,
    peers: String(found.peers)
      .split(/[,;\s]+/)
      .sort()
      .join(","),
  };
  return isSame(seen, wanted, { ipam: "pve" });
}

function isSameVnet(found: Vnet, inputs: ReturnType<typeof renderMarkedVnet>): boolean {
  const { resourceId: vnet, zone, tag, alias } = inputs;
  const wanted = { vnet, zone, tag: String(tag), alias };
  return isSame(found, wanted, { type: "vnet", vlanaware: "0", "isolate-ports": "0" });
}

/** `may`: keys that may be there, with their value then. */
function isSame(
  found: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, string>>,
  may: Readonly<Record<string, string>>,
): boolean {
  const settings = Object.entries(found).filter(
    ([key, value]) => !NO_SETTINGS.has(key) && value !== undefined && value !== "",
  );
  const all: Readonly<Record<string, string>> = { ...may, ...wanted };
  return (
    Object.keys(wanted).every((key) => found[key] !== undefined) &&
    settings.every(([key, value]) => String(value).trim() === all[key])
  );
}

const render = (key: string, what: string): string =>
  `hypervisor.network.${key}: Proxmox's SDN has the ${what} already, which the stack has not made. ` +
  "Leave out manage, and it is used as it is. Or delete it where nothing uses it (Datacenter, SDN), and run up again";
