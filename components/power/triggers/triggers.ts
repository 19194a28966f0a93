import type { Placement } from "../../shared/facts";
import type { PowerConfig } from "../config";
import * as registry from "./registry";
import type { TriggerSettings } from "./trigger";

const TRIGGERS: readonly (readonly [string, TriggerSettings])[] = Object.entries(registry);

function settingsOf(config: PowerConfig, name: string): unknown {
  const settings: Readonly<Record<string, unknown>> = config;
  return settings[name];
}

/** The machine's entry in power.json, as far as the triggers go. */
export function renderTriggers(config: PowerConfig, machine: string): Record<string, unknown> {
  return Object.fromEntries(
    TRIGGERS.map(([name, trigger]) => [
      name,
      trigger.settingsFor(settingsOf(config, name), machine),
    ]),
  );
}

/** Machines that the triggers' settings name. */
export function listMachines(config: PowerConfig): Placement[] {
  return TRIGGERS.flatMap(([name, trigger]) => trigger.machines(settingsOf(config, name)));
}
