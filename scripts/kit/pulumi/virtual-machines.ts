import { z } from "zod";
import { parseSize } from "../../../components/shared/units";
import { parseUrn } from "../../engine/urn";
import { renderCommand } from "../advice";
import { POOL_TYPE, VM_TYPE as TYPE, VNET_TYPE, ZONE_TYPE } from "../proxmox/vm-name";
import { isMap } from "../stack-file/stack-config";
import type { Resources, Wanted } from "./resources";

const failedSchema = z.object({ initErrors: z.array(z.unknown()).min(1) });

/** Also of those an entry is written where an update was cut: see takeUp. */
const READ_AGAIN: ReadonlySet<string> = new Set([TYPE, POOL_TYPE, ZONE_TYPE, VNET_TYPE]);

/**
 * The URNs of virtual machines, and of what they share, whose last change has failed. The provider has noted such a change
 * as made, so that the next update would leave it out: they are read again first.
 */
export function findHalfChanged(resources: Resources): string[] {
  return resources
    .filter((resource) => READ_AGAIN.has(resource.type) && failedSchema.safeParse(resource).success)
    .map(({ urn }) => urn);
}

const stateSchema = z.object({
  inputs: z.object({ name: z.string(), vmId: z.number(), nodeName: z.string() }),
});

/** Why an update must not run, one text for each virtual machine that it would delete or replace. */
export function findLostMachines(
  resources: Resources,
  { config, project, stack }: Wanted,
): string[] {
  const machines = config.get(`${project}:machines`);
  return resources.flatMap((resource) => {
    const parsed = stateSchema.safeParse(resource);
    if (resource.type !== TYPE || !parsed.success) return [];
    const { name, vmId, nodeName } = parsed.data.inputs;
    const wanted = isMap(machines) ? machines[name] : undefined;
    const vm = isMap(wanted) ? wanted.vm : undefined;
    if (!isMap(vm)) return [renderGone(resource.urn, { name, vmId, nodeName, stack })];
    if (vm.id === vmId) return [];
    return [
      `machines.${name}.vm.id is ${String(vm.id)}, and ${name} is virtual machine ${vmId} on ${nodeName}: with another ` +
        `number it would be a new machine with an empty disk. Write ${vmId} again.`,
    ];
  });
}

const diskSchema = z.object({
  inputs: z.object({
    name: z.string(),
    disks: z.tuple([z.object({ size: z.number() })], z.unknown()),
  }),
});

/** Why an update must not run, one text for each disk that it would make smaller. Pulumi's state has whole GiB. */
export function findShrunkDisks(resources: Resources, { config, project }: Wanted): string[] {
  const machines = config.get(`${project}:machines`);
  return resources.flatMap((resource) => {
    const { data } = resource.type === TYPE ? diskSchema.safeParse(resource) : {};
    if (data === undefined) return [];
    const { name, disks } = data.inputs;
    const wanted = isMap(machines) ? machines[name] : undefined;
    const vm = isMap(wanted) ? wanted.vm : undefined;
    const disk = isMap(vm) && typeof vm.disk === "string" ? vm.disk : undefined;
    const [{ size }] = disks;
    const bytes = parseSize(disk ?? "");
    if (disk === undefined || bytes === undefined || bytes >= size * 2 ** 30) return [];
    return [
      `machines.${name}.vm.disk is ${disk}, and the disk of ${name} has ${size}Gi: no disk is made smaller, since its end ` +
        `would be lost. Write ${size}Gi.`,
    ];
  });
}

interface Gone {
  readonly name: string;
  readonly vmId: number;
  readonly nodeName: string;
  readonly stack: string;
}

/** Without its protection Pulumi only forgets it: see retainOnDelete. */
function renderGone(urn: string, { name, vmId, nodeName, stack }: Gone): string {
  const command = renderCommand({ stack }, "pulumi", "state", "unprotect", urn, "--yes");
  return (
    `machines.${name} is no virtual machine any more in the configuration, and ${parseUrn(urn).name} is one in the ` +
    `state: number ${vmId} on ${nodeName}. VMStation deletes no virtual machine. Write it again, or let it go by this ` +
    `command: the next update takes it out of the cluster, and leaves it on ${nodeName}, where you may delete it.\n  ${command}`
  );
}

export function renderUnread(count: number, reason: string): string {
  return `The last change of ${count} resources in Proxmox failed, and they cannot be read again. Nothing was changed: ${reason.trim()}`;
}
