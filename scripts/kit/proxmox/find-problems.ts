import { z } from "zod";
import { neededRights } from "../../../components/hypervisor/rights";
import {
  bridgeOf,
  hostsOf,
  listVirtual,
  type VirtualMachine,
} from "../../../components/hypervisor/virtual";
import { secondNetworkOf } from "../../../components/hypervisor/nics";
import type { HypervisorConfig } from "../../../components/hypervisor/config";
import type { Site } from "../../../stacks/site";
import type { Resources as State } from "../pulumi/resources";
import { UserError } from "../user-error";
import type { ProxmoxApi } from "./api";
import { findBlocks } from "./blocked";
import { findHaProblems } from "./ha-problems";
import { findMissingRights } from "./missing-rights";
import { findMoveProblems } from "./moves";
import { listSizes } from "./noted";
import { listPlaced } from "./placed";
import { findOwn, hostStatus, isOff, type Resources, resourcesSchema } from "./resources";
import { renderOff } from "./off";

const storages = z.array(
  z.looseObject({ storage: z.string(), content: z.string().prefault(""), active: z.unknown() }),
);
const networks = z.array(z.looseObject({ iface: z.string() }));
const pools = z.array(z.looseObject({ poolid: z.string() }));

/** What the API lacks for the stack's virtual machines, each with its key; nothing is changed. `state`: Pulumi's entries. */
export async function findHypervisorProblems(
  api: Pick<ProxmoxApi, "get">,
  { config, machines }: Pick<Site, "config" | "machines">,
  onWarning: (text: string) => void,
  state: State = [],
): Promise<string[]> {
  const virtual = listVirtual(machines);
  const { hypervisor, lan } = config;
  if (hypervisor === undefined || virtual.length === 0) return [];
  const known = resourcesSchema.parse(await api.get("/cluster/resources"));
  const look = { hypervisor, machines: virtual, known, placed: listPlaced(state), onWarning };
  const hosts = [...new Set(virtual.flatMap(({ vm }) => hostsOf(vm, hypervisor)))].sort();
  const here = hosts.filter((host) => hostStatus(known, host) === "online");
  const unknown = hosts.filter((host) => hostStatus(known, host) === undefined);
  // Machines on it are as they are: an update of the others need not wait for it.
  for (const host of hosts)
    if (isOff(known, host)) onWarning(renderOff(host, hypervisor, virtual, known));
  // Only where a machine is made is an image fetched.
  const making = here.filter((host) => virtual.some(({ vm }) => vm.host === host));
  const rights = await missingRights(api, hypervisor, making, virtual);
  const parts = [
    unknown.map((host) => `hypervisor.hosts.${host}: it is no host of this Proxmox cluster`),
    rights,
    // A pool is not listed either where the token may not see it, which is said already.
    rights.some((text) => text.includes("Pool.Audit")) ? [] : await missingPool(api, hypervisor),
    missingPeers(hypervisor, known),
    ...(await Promise.all(here.map((host) => missingOnHost(api, hypervisor, host, virtual)))),
    ...(await Promise.all(virtual.map((machine) => takenId(api, machine, known)))),
    // What it asks needs rights that are said already.
    rights.some((text) => text.endsWith(" on /")) ? [] : await findHaProblems(api, look),
    await findMoveProblems(api, look),
    await findBlocks(api, { ...look, settings: { hypervisor, lan }, sizes: listSizes(state) }),
  ];
  return parts.flat();
}

/** Rights may be given to a pool that is not there. */
async function missingPool(
  api: Pick<ProxmoxApi, "get">,
  { pool }: HypervisorConfig,
): Promise<string[]> {
  if (pool === undefined || pool.manage) return [];
  const found = pools.parse(await api.get("/pools"));
  if (found.some(({ poolid }) => poolid === pool.name)) return [];
  return [
    `hypervisor.pool: there is no pool ${pool.name}. To make it, on any host: pveum pool add ${pool.name}. Or let up make ` +
      `it: pool: { name: ${pool.name}, manage: true }`,
  ];
}

async function missingRights(
  api: Pick<ProxmoxApi, "get">,
  hypervisor: HypervisorConfig,
  hosts: readonly string[],
  machines: readonly VirtualMachine[],
): Promise<string[]> {
  const missing = await findMissingRights(api, neededRights(hypervisor, hosts, machines));
  return Object.entries(missing).map(
    ([where, names]) => `hypervisor.tokenSecret: the token lacks ${names.join(", ")} on ${where}`,
  );
}

/** A host that is no peer of the network has it as well, and its machines there would reach nobody. */
function missingPeers({ hosts, network }: HypervisorConfig, known: Resources): string[] {
  if (network?.manage !== true) return [];
  return known.flatMap(({ type, node = "" }) =>
    type !== "node" || node in hosts
      ? []
      : [
          `hypervisor.hosts: ${node} of this Proxmox cluster is not named, and hypervisor.network joins all hosts`,
        ],
  );
}

async function missingOnHost(
  api: Pick<ProxmoxApi, "get">,
  hypervisor: HypervisorConfig,
  host: string,
  machines: readonly VirtualMachine[],
): Promise<string[]> {
  const { storage, image, network, snippets } = hypervisor;
  const found = storages.parse(await api.get(`/nodes/${host}/storage`));
  const lacks = (key: string, name: string, content: string): string[] => {
    const one = found.find((each) => each.storage === name);
    const path = `hypervisor.${key}: ${name} on ${host}`;
    if (one === undefined) return [`${path} is not there, or the token lacks Datastore.Audit`];
    const kinds = one.content.split(",");
    return kinds.includes(content)
      ? []
      : [`${path} allows ${one.content}, and not the content ${content}`];
  };
  const bridges = networks.parse(await api.get(`/nodes/${host}/network?type=any_bridge`));
  const here = machines.filter(({ vm }) => hostsOf(vm, hypervisor).includes(host));
  return [
    ...lacks("storage", storage, "images"),
    ...(machines.some(({ vm }) => vm.host === host)
      ? lacks("image.storage", image.storage, "import")
      : []),
    ...(here.some(({ vm }) => vm.hostKeySecret !== undefined)
      ? lacks("snippets.storage", snippets.storage, "snippets")
      : []),
    ...here
      .flatMap((machine) => keyedBridges(machine, hypervisor))
      // The update makes it before the machines.
      .filter(({ bridge }) => network?.manage !== true || bridge !== network.vnet)
      .filter(({ bridge }) => !bridges.some(({ iface }) => iface === bridge))
      .map(
        ({ key, bridge }) =>
          `${key}: ${host} has no bridge ${bridge}, or the token lacks SDN.Use on it`,
      )
      .filter((text, i, all) => all.indexOf(text) === i),
  ];
}

/** The bridges of its NICs, each with the key that names it. */
function keyedBridges(
  machine: VirtualMachine,
  hypervisor: HypervisorConfig,
): { bridge: string; key: string }[] {
  const { name, vm } = machine;
  const key = vm.bridge === undefined ? "hypervisor.bridge" : `machines.${name}.vm.bridge`;
  const second = secondNetworkOf(machine, hypervisor);
  return [
    { bridge: bridgeOf(vm, hypervisor), key },
    ...(second === undefined ? [] : [{ bridge: second.vnet, key: "hypervisor.network.vnet" }]),
  ];
}

/** A machine that is there by its own name is the stack's; one that the token cannot see is not. */
async function takenId(
  api: Pick<ProxmoxApi, "get">,
  { name, vm }: VirtualMachine,
  known: Resources,
): Promise<string[]> {
  const path = `machines.${name}.vm.id: ${vm.id}`;
  const found = known.find(({ vmid }) => vmid === vm.id);
  if (found !== undefined) {
    return findOwn(known, { name, vm }) !== undefined
      ? []
      : [`${path} is ${found.name ?? "another machine"} in Proxmox`];
  }
  try {
    await api.get(`/cluster/nextid?vmid=${vm.id}`);
    return [];
  } catch (error) {
    if (!(error instanceof UserError) || !error.message.includes("exist")) throw error;
    return [`${path} is a machine in Proxmox that the token does not see`];
  }
}
