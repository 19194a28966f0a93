import type { Operator } from "../ssh/operator";
import { UserError } from "../user-error";

/** The named machines; refuses those that never sleep, and those that the configuration says are away. */
export function findSleepers(
  operator: Pick<Operator, "machine">,
  names: readonly string[],
): ReturnType<Operator["machine"]>[] {
  return names.map((name) => {
    const machine = operator.machine(name);
    if (!machine.sleeps) throw new UserError(`${name} never sleeps: its power.mode is always-on.`);
    refuseOffline(machine);
    return machine;
  });
}

export function refuseOffline({ name, offline }: { name: string; offline: boolean }): void {
  if (!offline) return;
  throw new UserError(`${name} is offline: the configuration has machines.${name}.offline: true.`);
}
