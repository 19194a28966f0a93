import { isVirtual, type VirtualMachine } from "../../../components/hypervisor/virtual";
import type { Site } from "../../../stacks/site";
import type { ResourceReport } from "../look/report";
import { readSite } from "../ssh/operator";
import type { Project } from "../stack-file/project";
import { UserError } from "../user-error";
import type { ProxmoxApi } from "./api";
import { parseVm } from "./compare";
import { lookAtHa } from "./ha-look";
import { openProxmox } from "./open";
import { readably } from "./readably";
import { reportVm, type VmLook } from "./report-drift";

export interface DriftArgs {
  readonly project: Project;
  readonly stack: string;
  readonly configFile: string | undefined;
  /** Names of the machines that are looked at. */
  readonly names: readonly string[];
}

/** How the chosen virtual machines are in Proxmox, by their names; it changes nothing and wakes nothing. */
export async function lookAtVirtualMachines(
  args: DriftArgs,
): Promise<ReadonlyMap<string, ResourceReport>> {
  const { project, stack, configFile, names } = args;
  const site = readSite(project, stack, configFile);
  const machines = site.machines
    .filter(isVirtual)
    .filter(({ name, offline }) => !offline && names.includes(name));
  if (machines.length === 0) return new Map();
  const api = await errorAsText(() => openProxmox({ project, stack, site }, configFile));
  return reportAll(api, machines, { site, project: project.name, stack });
}

export async function reportAll(
  api: Pick<ProxmoxApi, "get" | "findHost"> | string,
  machines: readonly VirtualMachine[],
  about: { readonly site: Pick<Site, "config">; readonly project: string; readonly stack: string },
): Promise<ReadonlyMap<string, ResourceReport>> {
  const { hypervisor, lan } = about.site.config;
  if (hypervisor === undefined) return new Map();
  const reports = machines.map(async (machine) => {
    const look = await lookAt(api, machine);
    return [machine.name, reportVm(machine, { hypervisor, lan, ...about }, look)] as const;
  });
  return new Map(await Promise.all(reports));
}

async function lookAt(
  api: Pick<ProxmoxApi, "get" | "findHost"> | string,
  machine: VirtualMachine,
): Promise<VmLook> {
  const { name, vm } = machine;
  if (typeof api === "string") return { error: api };
  const found = await errorAsText(async () => {
    const host = await api.findHost(name, vm.id);
    const config = parseVm(await api.get(`/nodes/${host}/qemu/${vm.id}/config`));
    return { found: config, host, ...(vm.ha && { ha: await lookAtHa(api, machine) }) };
  });
  return typeof found === "string" ? { error: found } : found;
}

async function errorAsText<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await readably(work);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
