import { z } from "zod";
import type { VirtualMachine } from "../../../components/hypervisor/virtual";
import { listPlaced } from "./placed";
import { VM_TYPE } from "./vm-name";

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** Loosely: what else the provider's version notes is none of this. */
const inputsSchema = z.looseObject({
  name: z.string(),
  cpu: z.looseObject({ cores: z.number(), sockets: z.number().prefault(1) }).optional(),
  memory: z.looseObject({ dedicated: z.number() }).optional(),
  disks: z.array(z.looseObject({ size: z.number().optional() })).optional(),
});
const entrySchema = z.looseObject({ inputs: inputsSchema });

type Noted = z.infer<typeof inputsSchema>;
type State = readonly { readonly type: string }[];

/** What Pulumi's state has of each virtual machine, by its name. */
function listNoted(state: State): ReadonlyMap<string, Noted> {
  return new Map(
    state.flatMap((each) => {
      const { data } = each.type === VM_TYPE ? entrySchema.safeParse(each) : {};
      return data === undefined ? [] : [[data.inputs.name, data.inputs] as const];
    }),
  );
}

/** Bytes of each machine's disk as the state has it. */
export function listSizes(state: State): ReadonlyMap<string, number> {
  return new Map(
    [...listNoted(state)].flatMap(([name, { disks }]) => {
      const size = disks?.[0]?.size;
      return size === undefined ? [] : [[name, size * GIB] as const];
    }),
  );
}

/** Machines that the state does not have. */
export function findUnnoted<M extends VirtualMachine>(machines: readonly M[], state: State): M[] {
  const noted = listNoted(state);
  return machines.filter(({ name }) => !noted.has(name));
}

/** Names of those that the state does not have, or has otherwise: without Proxmox an update of them fails. */
export function findPending(machines: readonly VirtualMachine[], state: State): string[] {
  const noted = listNoted(state);
  const placed = listPlaced(state);
  return machines.flatMap((machine) => {
    const found = noted.get(machine.name);
    const isThere = machine.vm.ha !== undefined || placed.get(machine.name) === machine.vm.host;
    return found !== undefined && isThere && isSame(machine, found) ? [] : [machine.name];
  });
}

function isSame({ vm, memory = 0 }: VirtualMachine, { cpu, memory: has, disks }: Noted) {
  return (
    cpu?.cores === vm.cores &&
    cpu.sockets === vm.sockets &&
    has?.dedicated === Math.floor(memory / MIB) &&
    disks?.[0]?.size === vm.disk / GIB
  );
}
