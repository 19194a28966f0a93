import { z } from "zod";
import type { VirtualMachine } from "../../../components/hypervisor/virtual";
import { UserError } from "../user-error";
import type { ProxmoxApi } from "./api";
import { compareVm, listFurtherDisks, parseVm, type VmSettings } from "./compare";
import { findMove } from "./moves";
import type { Placed } from "./placed";
import { findOwn, isOff, type Resources } from "./resources";

/** What an update has to do at the virtual machines. */
interface Work {
  /** Machines that Proxmox does not have yet. */
  readonly made: readonly string[];
  readonly changed: readonly Change[];
}

interface Change {
  readonly machine: VirtualMachine;
  readonly host: string;
  readonly lock: string | undefined;
  /** What is otherwise in Proxmox: "host", "cores", "memory". */
  readonly what: readonly string[];
  /** How its disk is in another storage than in the configuration. */
  readonly elsewhere: string | undefined;
  /** Disks that somebody has attached, where its own one changes: the provider would take them away then. */
  readonly further: readonly string[];
}

export interface BlockArgs {
  readonly machines: readonly VirtualMachine[];
  readonly settings: VmSettings;
  readonly known: Resources;
  readonly placed: Placed;
  /** Bytes of their disks as the state has them. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly onWarning: (text: string) => void;
}

/** Why Proxmox would refuse now what the update has to make or change; nothing where it has to do neither. */
export async function findBlocks(api: Pick<ProxmoxApi, "get">, args: BlockArgs): Promise<string[]> {
  const work = await listWork(api, args);
  const locked = work.changed.flatMap((change) => [
    ...renderLocked(change),
    ...renderElsewhere(change, args.settings),
    ...renderFurther(change),
  ]);
  if (work.made.length === 0 && work.changed.length === 0) return locked;
  return [...locked, ...(await lostQuorum(api, args))];
}

async function listWork(
  api: Pick<ProxmoxApi, "get">,
  { machines, settings, known, placed, sizes }: BlockArgs,
): Promise<Work> {
  const changes = machines.map(async (machine): Promise<Change[]> => {
    const { node: host, lock } = findOwn(known, machine) ?? {};
    if (host === undefined || isOff(known, host)) return [];
    const found = parseVm(await api.get(`/nodes/${host}/qemu/${machine.vm.id}/config`));
    const all = compareVm(machine, settings, found);
    const move = findMove(machine, known, placed);
    const what = [
      ...(move !== undefined && move.off === undefined ? ["host"] : []),
      ...all.flatMap(({ name, mend }) => (mend === "update" ? [name] : [])),
    ];
    const elsewhere = all.find(({ mend }) => mend === "storage")?.reason;
    const size = sizes.get(machine.name) ?? machine.vm.disk;
    // A smaller one is refused by its own rule: see findShrunkDisks.
    const grows = what.includes("scsi0") || size < machine.vm.disk;
    const further = grows ? listFurtherDisks(found) : [];
    const isSame = what.length === 0 && elsewhere === undefined && further.length === 0;
    return isSame ? [] : [{ machine, host, lock, what, elsewhere, further }];
  });
  return {
    made: machines.flatMap((machine) => (findOwn(known, machine) ? [] : [machine.name])),
    changed: (await Promise.all(changes)).flat(),
  };
}

function renderLocked({ machine, host, lock, what }: Change): string[] {
  const { name, vm } = machine;
  // Its making goes on: see findUntracked.
  if (lock === undefined || lock === "create" || what.length === 0) return [];
  if (lock === "suspended")
    return [
      `machines.${name}.vm: virtual machine ${vm.id} on ${host} hibernates, and its ${what.join(", ")} must change. ` +
        `Proxmox changes none whose memory is saved. Wake it first: npx vmstation wake ${name}`,
    ];
  return [
    `machines.${name}.vm: virtual machine ${vm.id} on ${host} is locked (${lock}), and its ${what.join(", ")} must change. ` +
      `Wait for the end of the task that has locked it. If there is none, on ${host}: qm unlock ${vm.id}`,
  ];
}

/** The provider would move the disk of a machine that is off, and fail with one that runs. */
function renderElsewhere(
  { machine: { name, vm }, host, elsewhere }: Change,
  { hypervisor }: VmSettings,
): string[] {
  if (elsewhere === undefined) return [];
  return [
    `hypervisor.storage: the disk of ${name} ${elsewhere}. VMStation moves no disk. Write the old storage again, or on ${host}: ` +
      `qm disk move ${vm.id} scsi0 ${hypervisor.storage}, then npx vmstation refresh`,
  ];
}

/** Proxmox refuses that while the machine has its protection, and with it all that changes in the same request. */
function renderFurther({ machine: { name, vm }, host, further }: Change): string[] {
  if (further.length === 0) return [];
  const size = vm.disk / 2 ** 30;
  return [
    `machines.${name}.vm.disk: the disk of ${name} changes, and the provider would take away ${further.join(", ")}, which ` +
      `somebody has attached. Nothing is taken away. Give it its size on ${host}: qm disk resize ${vm.id} scsi0 ${size}G, then ` +
      "npx vmstation refresh. Or write the old size again",
  ];
}

const statusSchema = z.array(
  z.looseObject({ type: z.string(), quorate: z.union([z.number(), z.boolean()]).optional() }),
);

/** Only a token with Sys.Audit is told. Otherwise the hosts are counted, which says nothing of a QDevice's vote. */
async function lostQuorum(
  api: Pick<ProxmoxApi, "get">,
  { known, onWarning }: BlockArgs,
): Promise<string[]> {
  const hosts = known.filter(({ type }) => type === "node");
  const online = hosts.filter(({ status }) => status === "online").length;
  const seen = `${online} of its ${hosts.length} hosts are online`;
  const isQuorate = await askQuorum(api);
  if (isQuorate === false)
    return [
      `hypervisor: the Proxmox cluster has lost its quorum (${seen}), and makes or changes no machine. Start the other hosts`,
    ];
  if (isQuorate === undefined && online * 2 <= hosts.length)
    onWarning(`hypervisor: ${seen}. Without a quorum Proxmox makes and changes no machine`);
  return [];
}

async function askQuorum(api: Pick<ProxmoxApi, "get">): Promise<boolean | undefined> {
  try {
    const status = statusSchema.parse(await api.get("/cluster/status"));
    // A host that is in no cluster has no such entry.
    const cluster = status.find(({ type }) => type === "cluster");
    return cluster?.quorate === undefined ? true : Boolean(cluster.quorate);
  } catch (error) {
    if (error instanceof UserError && error.message.startsWith("Proxmox: 403 ")) return undefined;
    throw error;
  }
}
