import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { isMap, type StackConfig } from "../stack-file/stack-config";
import { UserError } from "../user-error";

/** A machine, as far as looking at it goes. */
export interface Machine {
  readonly name: string;
  /** IPv4 address. */
  readonly address: string;
  /** Whether no answer is what one may expect. */
  readonly sleeps: boolean;
  /** Dead or away, and frozen in the state. */
  readonly offline: boolean;
}

const machineSchema = z.object({
  address: z.string(),
  offline: z.boolean().prefault(false),
  power: z.object({ mode: z.string().optional() }).prefault({}),
});

/** The machines of a stack, by name. Malformed ones are left out: making the plan reports them. */
export function parseMachines(config: StackConfig, project: string): Machine[] {
  const machines = config.get(`${project}:machines`);
  if (!isMap(machines)) return [];
  return Object.entries(machines)
    .flatMap(([name, value]): Machine[] => {
      const { data } = machineSchema.safeParse(value);
      if (data === undefined) return [];
      const { address, offline, power } = data;
      return [{ name, address, offline, sleeps: power.mode === "sleeps" }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The machines of these names; all where there are none. */
export function selectMachines(machines: readonly Machine[], names: readonly string[]): Machine[] {
  const known = machines.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const guess = known.length > 0 ? ` Did you mean ${closest(name, known)}?` : "";
    throw new UserError(`This stack has no machine ${name}.${guess}`);
  }
  return machines.filter(({ name }) => names.length === 0 || names.includes(name));
}
