import type { z } from "zod";
import type { Placement } from "../../shared/facts";

/**
 * The settings of a trigger that has some; what it does is in files/lib/trigger_NAME.py, whose contract is trigger.py.
 * Its keys are `vmstation:power:NAME`; NAME is the name in the registry.
 */
export interface TriggerSettings<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  /** What one machine's entry in power.json has under NAME. */
  settingsFor(config: z.infer<Schema>, machine: string): unknown;
  /** Machines that the settings name, with the key that names each. */
  machines(config: z.infer<Schema>): Placement[];
}
