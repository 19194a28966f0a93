import { isMap, type StackConfig } from "./stack-config";
import { isMap as isPropertyMap, reveal } from "../../engine/inspect";
import type { Registration } from "../../engine/registration";

/** A machine as the configuration names it, read here only to say which one a command runs on. */
export interface Machine {
  name: string;
  address: string;
}

/** The machines of the stack in the order in which they are written; malformed ones are left out. */
export function parseMachines(config: StackConfig, project: string): Machine[] {
  const machines = config.get(`${project}:machines`);
  if (!isMap(machines)) return [];
  return Object.entries(machines).flatMap(([name, machine]) => {
    const address = isMap(machine) ? machine.address : undefined;
    return typeof address === "string" ? [{ name, address }] : [];
  });
}

/** The address that a remote command or copy connects to; undefined for any other resource. */
export function connectionHost({ type, inputs }: Registration): string | undefined {
  if (!type.startsWith("command:remote:")) return undefined;
  const connection = reveal(inputs.connection ?? null);
  const host = isPropertyMap(connection) ? connection.host : undefined;
  return typeof host === "string" ? host : undefined;
}
