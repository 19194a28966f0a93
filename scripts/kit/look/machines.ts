import { closest } from "fastest-levenshtein";
import { parseMachines, type Machine } from "../stack-file/machines";
import type { StackConfig } from "../stack-file/stack-config";
import { UserError } from "../user-error";

/** The machines of a stack, by name. Making the plan reports those that are malformed. */
export function listMachines(config: StackConfig, project: string): Machine[] {
  return parseMachines(config, project).sort((a, b) => (a.name < b.name ? -1 : 1));
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
