import { rightsToMove } from "../../../components/hypervisor/rights";
import type { VirtualMachine } from "../../../components/hypervisor/virtual";
import type { ProxmoxApi } from "./api";
import { findMissingRights } from "./missing-rights";
import type { Placed } from "./placed";
import { findOwn, isOff, type LookArgs, type Resources } from "./resources";

/** A machine that is on another host than the configuration has it on. */
export interface Stray {
  readonly machine: Pick<VirtualMachine, "name" | "vm">;
  readonly from: string;
}

/** One whose `vm.host` was changed, so that an update moves it there. */
export interface Move extends Stray {
  /** Whether Proxmox's high availability has it, and moves it then. */
  readonly isManaged: boolean;
  /** The one of the two hosts that is off: nothing is moved then. */
  readonly off: string | undefined;
}

/** Where a machine with `ha` runs is the business of high availability. */
export function findStray(machine: Stray["machine"], known: Resources): Stray | undefined {
  const from = findOwn(known, machine)?.node;
  const { host, ha } = machine.vm;
  return ha !== undefined || from === undefined || from === host ? undefined : { machine, from };
}

/** One that somebody has moved stays where it is: nobody has asked for a move back. */
export function findMove(
  machine: Stray["machine"],
  known: Resources,
  placed: Placed,
): Move | undefined {
  const stray = findStray(machine, known);
  const before = placed.get(machine.name);
  const { host } = machine.vm;
  if (stray === undefined || before === undefined || before === host) return undefined;
  return {
    ...stray,
    isManaged: findOwn(known, machine)?.hastate !== undefined,
    off: [stray.from, host].find((name) => isOff(known, name)),
  };
}

/** What the token lacks for the moves that the update would do, each with its key. */
export async function findMoveProblems(
  api: Pick<ProxmoxApi, "get">,
  { hypervisor, machines, known, placed, onWarning }: LookArgs,
): Promise<string[]> {
  const problems = machines.map(async (machine) => {
    const move = findMove(machine, known, placed);
    if (move === undefined) {
      const stray = placed.has(machine.name) ? findStray(machine, known) : undefined;
      if (stray !== undefined) onWarning(renderStray(stray));
      return [];
    }
    const about = renderMove(move);
    if (move.off !== undefined) {
      onWarning(`${about}: ${move.off} is off, so that it cannot move now, and stays`);
      return [];
    }
    const missing = await findMissingRights(api, rightsToMove(hypervisor, move));
    const texts = Object.entries(missing).map(([at, names]) => `${names.join(", ")} on ${at}`);
    if (texts.length === 0) return [];
    return [
      `${about}: the token lacks ${texts.join(", and ")}. Grant them (docs/hypervisor.md#moving-a-machine), or write ` +
        `host: ${move.from}`,
    ];
  });
  return (await Promise.all(problems)).flat();
}

function renderMove({ machine: { name, vm }, from }: Move): string {
  return `machines.${name}.vm.host: ${name} is on ${from}, and an update moves it to ${vm.host}`;
}

/** What nobody but the owner can decide: which of the two hosts is meant. */
export function renderStray(stray: Stray): string {
  const { name, vm } = stray.machine;
  return (
    `machines.${name}.vm.host: ${name} runs on ${stray.from}, and the configuration has it on ${vm.host}. up leaves it ` +
    `where it is. ${renderWaysOut(stray)}`
  );
}

/** The second command works for a machine as well that somebody has put into high availability: Proxmox then has that do it. */
export function renderWaysOut({ machine: { name, vm }, from }: Stray): string {
  return (
    `To keep it there, write machines.${name}.vm.host: ${from}. To move it back, on ${from}: ` +
    `qm migrate ${vm.id} ${vm.host} --online --with-local-disks`
  );
}
