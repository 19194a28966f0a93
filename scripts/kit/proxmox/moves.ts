import { rightsToMove } from "../../../components/hypervisor/rights";
import type { VirtualMachine } from "../../../components/hypervisor/virtual";
import type { ProxmoxApi } from "./api";
import { findMissingRights } from "./missing-rights";
import { findOwn, isOff, type LookArgs, type Resources } from "./resources";

/** A machine that is on another host than the configuration has it on: an update moves it there. */
export interface Move {
  readonly machine: VirtualMachine;
  readonly from: string;
  /** Whether Proxmox's high availability has it, and moves it then. */
  readonly isManaged: boolean;
  /** The one of the two hosts that is off: nothing is moved then. */
  readonly off: string | undefined;
}

/** Where a machine with `ha` runs is the business of high availability, and no move of ours. */
export function findMove(machine: VirtualMachine, known: Resources): Move | undefined {
  const own = findOwn(known, machine);
  const from = own?.node;
  const { host, ha } = machine.vm;
  if (ha !== undefined || from === undefined || from === host) return undefined;
  const off = [from, host].find((name) => isOff(known, name));
  return { machine, from, isManaged: own?.hastate !== undefined, off };
}

/** What the token lacks for the moves that the update would do, each with its key. */
export async function findMoveProblems(
  api: Pick<ProxmoxApi, "get">,
  { hypervisor, machines, known, onWarning }: LookArgs,
): Promise<string[]> {
  const problems = machines.map(async (machine) => {
    const move = findMove(machine, known);
    if (move === undefined) return [];
    const about = renderMove(move);
    if (move.off !== undefined) {
      onWarning(`${about}: ${move.off} is off, so that it cannot move`);
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
