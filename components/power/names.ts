import type { WakeByApi } from "../hypervisor/virtual";
import type { Machine } from "../node/machine";
import { PROGRAMS, agentRole } from "../remote/agent/role";
import { TEXTFILE_DIRECTORY } from "../shared/metrics";
import type { MachinePowerConfig, SleepsConfig } from "./config";

/** Names of the controller and its agents on the machines. */
export const ROLE = agentRole("power");

/** Folders and names on the controller; the units and scripts under files/ hold the same. */
export const STATE_DIRECTORY = "/var/lib/vmstation/power";
export const CONFIGURATION = "/etc/vmstation/power.json";
export const KUBECONFIG = `${ROLE.secrets}/kubeconfig`;
/** Says which network cards of a machine a magic packet reaches. */
export const CARDS = `${PROGRAMS}/wake-cards.sh`;
/** Read by node-exporter. */
export const METRICS = `${TEXTFILE_DIRECTORY}/vmstation.prom`;
/** Number of open connections of each app; absent while nothing counts them. */
export const CONNECTIONS = "/run/vmstation-power/connections.json";

export interface PowerMachine extends Machine<MachinePowerConfig> {
  /** Where the machine is virtual: what wakes it. */
  readonly hosted?: WakeByApi | undefined;
}

/** A machine that sleeps, with what waking it takes. */
export interface Sleeper extends PowerMachine {
  readonly power: SleepsConfig;
}

export function isSleeper(machine: PowerMachine): machine is Sleeper {
  const canBeWoken = machine.mac !== undefined || machine.hosted !== undefined;
  return machine.power.mode === "sleeps" && canBeWoken;
}

/** An app's own probe, as the controller runs it. */
export function probeFile(app: string): string {
  return `${PROGRAMS}/power/app-probes/${app}.py`;
}

/** On the controller: the key that an app's probe gets. */
export function appKeyFile(app: string): string {
  return `${ROLE.secrets}/key-${app}`;
}
