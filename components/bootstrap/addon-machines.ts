import type { Machine } from "../node/machine";
import type { CommonConfig } from "./common-config";

/** Machines that CoreDNS and the like are bound to: those asked for, else all that never sleep. */
export function addonMachines(
  config: Pick<CommonConfig, "addonMachines">,
  machines: readonly Pick<Machine, "name" | "sleeps">[],
): readonly string[] {
  const wanted = config.addonMachines;
  return machines
    .filter((m) => (wanted === undefined ? !m.sleeps : wanted.includes(m.name)))
    .map((m) => m.name)
    .sort();
}
