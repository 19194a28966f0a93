import type { RemoteMachine } from "../remote/machine";
import type { MachineConfig } from "./config";

/** A machine as every layer sees it: its configuration, and its name. */
export interface Machine<Power = unknown>
  extends RemoteMachine, Omit<MachineConfig, keyof RemoteMachine> {
  /** The power layer's part of the machine's configuration. */
  readonly power: Power;
}

export function hasRole(machine: Pick<Machine, "roles">, role: Machine["roles"][number]): boolean {
  return machine.roles.includes(role);
}
