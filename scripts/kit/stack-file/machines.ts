import { isMap, type StackConfig } from "./stack-config";
import { isMap as isPropertyMap, reveal } from "../../engine/inspect";
import type { Registration } from "../../engine/registration";

/** A machine as the configuration names it. */
export interface Machine {
  readonly name: string;
  /** IPv4 address. */
  readonly address: string;
  /** Whether it may be asleep, so that no answer is what one may expect. */
  readonly sleeps: boolean;
  /** Dead or away, and frozen in the state. */
  readonly offline: boolean;
}

/** The machines of the stack in the order in which they are written; one without an address is left out. */
export function parseMachines(config: StackConfig, project: string): Machine[] {
  const machines = config.get(`${project}:machines`);
  if (!isMap(machines)) return [];
  return Object.entries(machines).flatMap(([name, machine]) => {
    if (!isMap(machine) || typeof machine.address !== "string") return [];
    const { address, offline, power } = machine;
    const sleeps = isMap(power) && power.mode === "sleeps";
    return [{ name, address, sleeps, offline: offline === true }];
  });
}

/** The address that a remote command or copy connects to; undefined for any other resource. */
export function connectionHost({ type, inputs }: Registration): string | undefined {
  if (!type.startsWith("command:remote:")) return undefined;
  const connection = reveal(inputs.connection ?? null);
  const host = isPropertyMap(connection) ? connection.host : undefined;
  return typeof host === "string" ? host : undefined;
}
