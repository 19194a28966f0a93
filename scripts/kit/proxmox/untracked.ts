import { DESCRIPTION, TAG, type VirtualMachine } from "../../../components/hypervisor/virtual";
import type { ProxmoxApi } from "./api";
import {
  compareVm,
  listDisks,
  parseDiskSize,
  parseVm,
  type VmFound,
  type VmSettings,
} from "./compare";
import { findUnnoted } from "./noted";
import { findOwn, resourcesSchema } from "./resources";

/** A virtual machine of the stack that Proxmox has and Pulumi's state does not. */
export interface Untracked {
  readonly machine: VirtualMachine;
  /** The host that has it. */
  readonly host: string;
  /** Bytes of its disk: the image's, until it gets its own size. */
  readonly disk: number;
  /** The file by which it got its SSH host key, as Proxmox names it; undefined where it has made one itself. */
  readonly vendorData?: string | undefined;
  /** Why it is not taken up; undefined where it is. */
  readonly problem?: string;
}

/**
 * What an update that was cut has made and not noted. Taken up is only what has the number, the name, the host, the
 * address and the marks that an update writes: a machine that somebody else has made is theirs.
 */
export async function findUntracked(
  api: Pick<ProxmoxApi, "get">,
  machines: readonly VirtualMachine[],
  settings: VmSettings,
  state: readonly { readonly type: string }[],
): Promise<Untracked[]> {
  const missing = findUnnoted(machines, state);
  if (missing.length === 0) return [];
  const known = resourcesSchema.parse(await api.get("/cluster/resources"));
  const found = missing.map(async (machine): Promise<Untracked[]> => {
    const { vm } = machine;
    const host = findOwn(known, machine)?.node;
    if (host === undefined) return [];
    const config = parseVm(await api.get(`/nodes/${host}/qemu/${vm.id}/config`));
    const vendorData = /(?:^|,)vendor=([^,]+)/.exec(config.cicustom ?? "")?.[1];
    const problem = judge(machine, host, settings, config);
    const disk = parseDiskSize(config.scsi0 ?? "") ?? 0;
    return [{ machine, host, disk, vendorData, ...(problem === undefined ? {} : { problem }) }];
  });
  return (await Promise.all(found)).flat();
}

function judge(
  machine: VirtualMachine,
  host: string,
  settings: VmSettings,
  found: VmFound,
): string | undefined {
  const { name, vm } = machine;
  const what = `machines.${name}.vm: Proxmox has virtual machine ${vm.id} (${name}) on ${host}, and the state of the stack does not`;
  if (found.lock === "create")
    return `${what}: Proxmox is still making it. Wait for the end of its task. If there is none, its making was cut. Look at it in Proxmox. If nobody needs it, on ${host}: qm unlock ${vm.id} && qm destroy ${vm.id}`;
  const isMarked =
    found.description?.trim() === DESCRIPTION && found.tags?.split(/[;, ]/).includes(TAG) === true;
  if (!isMarked)
    return `${what}: VMStation has not made it. Choose another number. Or leave out vm: then it is prepared as any other machine`;
  // Something could be lost with it: a disk at another place, or one that was detached.
  if (found.scsi0 === undefined && listDisks(found).length > 0)
    return `${what}: its disk is not its scsi0, as up makes it. Attach it as scsi0 again, and run up again: qm config ${vm.id} on ${host} lists its disks`;
  if (found.scsi0 === undefined)
    return `${what}: it has no disk, since its making was cut. To make it again, on ${host}: qm set ${vm.id} --protection 0 && qm destroy ${vm.id}`;
  if (host !== vm.host) return `${what}: the configuration has it on ${vm.host}. Write ${host}`;
  const other = compareVm(machine, settings, found).find((each) => each.name === "ipconfig0");
  return other && `${what}: its address ${other.reason}. Write the one that it was made with`;
}

export function renderTakenUp({ machine: { name, vm }, host }: Untracked): string {
  return `${name}: virtual machine ${vm.id} on ${host} was made by an update that was cut. It is in the state now, and is completed.`;
}
