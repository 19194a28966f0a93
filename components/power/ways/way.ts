import type { SecretUse } from "../../shared/facts";
import type { PowerMachine } from "../names";

/**
 * The settings of a way to wake that has some; what it does is in files/lib/way_NAME.py, whose contract is way.py. NAME
 * is the name in the registry.
 */
export interface WaySettings {
  /** Packages of the controller where a machine is woken so; they have the same name everywhere. */
  readonly packages: readonly string[];
  /** The secret that it takes; undefined where this machine is not woken so. */
  secretOf(machine: PowerMachine): SecretUse | undefined;
  /** What the machine's entry in power.json has under NAME. `secretFile`: where the secret is on the controller. */
  settingsFor(machine: PowerMachine, secretFile: string): unknown;
}
