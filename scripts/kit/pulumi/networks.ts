import { z } from "zod";
import { renderCommand } from "../advice";
import { isMap } from "../stack-file/stack-config";
import type { Resources, Wanted } from "./resources";

const TYPES: Readonly<Record<string, "zone" | "vnet">> = {
  "proxmoxve:sdn/zone/vxlan:Vxlan": "zone",
  "proxmoxve:sdn/vnet:Vnet": "vnet",
};

const stateSchema = z.object({ inputs: z.object({ resourceId: z.string() }) });

/** Why an update must not run, one text for each part of a Proxmox network that it would let go or make again. */
export function findLostNetworks(
  resources: Resources,
  { config, project, stack }: Wanted,
): string[] {
  const hypervisor = config.get(`${project}:hypervisor`);
  const network = isMap(hypervisor) && isMap(hypervisor.network) ? hypervisor.network : undefined;
  const wanted = network?.manage === true ? network : undefined;
  return resources.flatMap((resource) => {
    const key = TYPES[resource.type];
    const parsed = stateSchema.safeParse(resource);
    if (key === undefined || !parsed.success) return [];
    const id = parsed.data.inputs.resourceId;
    if (wanted?.[key] === id) return [];
    const found =
      wanted === undefined
        ? `hypervisor.network is not managed any more, and the state has the ${key} ${id}`
        : `hypervisor.network.${key} is ${String(wanted[key])}, and the state has ${id}`;
    const command = renderCommand({ stack }, "pulumi", "state", "unprotect", resource.urn, "--yes");
    return [
      `${found}: machines may be on it. Write ${id} again, or let it go by this command: it stays in Proxmox, where you ` +
        `may delete it (Datacenter, SDN).\n  ${command}`,
    ];
  });
}
