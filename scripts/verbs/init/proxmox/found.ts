import { isIPv4 } from "node:net";
import { z } from "zod";
import { DESCRIPTION } from "../../../../components/hypervisor/virtual";
import type { ProxmoxApi } from "../../../kit/proxmox/api";
import { parseVm, type VmFound } from "../../../kit/proxmox/compare";
import { resourcesSchema } from "../../../kit/proxmox/resources";
import { UserError } from "../../../kit/user-error";

/** A virtual machine of Proxmox, as far as it is known without logging in to it. */
export interface FoundVm {
  readonly id: number;
  readonly name: string;
  readonly host: string;
  readonly isRunning: boolean;
  /** IPv4 address, by its guest agent or by cloud-init's settings. */
  readonly address: string | undefined;
  /** cloud-init's user. */
  readonly user: string | undefined;
  readonly tags: readonly string[];
  readonly pool: string | undefined;
  /** Whether `up` has made it: then a stack has it already. */
  readonly isOurs: boolean;
}

/** All virtual machines that the token may see, by their numbers; templates and containers are none. */
export async function findVms(api: Pick<ProxmoxApi, "get">): Promise<FoundVm[]> {
  const parsed = resourcesSchema.safeParse(await api.get("/cluster/resources"));
  if (!parsed.success)
    throw new UserError("Proxmox: an answer that is not as its API describes it");
  const found = parsed.data
    .filter(({ type, template }) => type === "qemu" && template !== 1)
    .map((each) => describe(api, each));
  const vms = (await Promise.all(found)).flat();
  return vms.sort((a, b) => a.id - b.id);
}

type Listed = z.infer<typeof resourcesSchema>[number];

async function describe(
  api: Pick<ProxmoxApi, "get">,
  { vmid: id, node: host, name, status, pool }: Listed,
): Promise<FoundVm[]> {
  if (id === undefined || host === undefined) return [];
  const path = `/nodes/${host}/qemu/${id}`;
  const isRunning = status === "running";
  const config = await orNothing(async () => parseVm(await api.get(`${path}/config`)), {});
  const addresses = isRunning
    ? await orNothing(
        async () => listAddresses(await api.get(`${path}/agent/network-get-interfaces`)),
        [],
      )
    : [];
  return [
    {
      ...{ id, host, isRunning, name: name ?? `vm-${id}` },
      ...{ address: chooseAddress(addresses, config), user: config.ciuser },
      tags: (config.tags ?? "").split(/[;, ]+/).filter((tag) => tag !== ""),
      pool: typeof pool === "string" ? pool : undefined,
      isOurs: config.description?.trim() === DESCRIPTION,
    },
  ];
}

/** One machine without an agent, or whose host is off, is no reason to show none of the others. */
async function orNothing<T>(work: () => Promise<T>, nothing: T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError || error instanceof z.ZodError) return nothing;
    throw error;
  }
}

const interfacesSchema = z.looseObject({
  result: z.array(
    z.looseObject({
      name: z.string(),
      "ip-addresses": z.array(z.looseObject({ "ip-address": z.string() })).prefault([]),
    }),
  ),
});

/** Bridges and tunnels of what runs in the machine. */
const INNER = /^(lo|docker|br-|veth|virbr|cni|cali|flannel|tunl|vxlan|tailscale|wg|kube)/;

function listAddresses(answer: unknown): string[] {
  return interfacesSchema.parse(answer).result.flatMap(({ name, "ip-addresses": all }) => {
    if (INNER.test(name)) return [];
    return all.map((each) => each["ip-address"]).filter((ip) => isIPv4(ip) && isUsable(ip));
  });
}

function isUsable(ip: string): boolean {
  return !ip.startsWith("127.") && !ip.startsWith("169.254.");
}

/** What cloud-init was given is the machine's own; otherwise the first one that the agent tells. */
function chooseAddress(addresses: readonly string[], config: VmFound): string | undefined {
  const given = /(?:^|,)ip=([\d.]+)\//.exec(config.ipconfig0 ?? "")?.[1];
  if (given !== undefined && isIPv4(given) && (addresses.length === 0 || addresses.includes(given)))
    return given;
  return addresses[0];
}
