import type { Machine } from "../node/machine";
import type { MachinePowerConfig, SleepsConfig } from "./config";

/** Folders and names on the machines; the units and scripts under files/ hold the same. */
export const STATE_DIRECTORY = "/var/lib/vmstation/power";
export const SECRETS = "/etc/vmstation/power";
export const CONFIGURATION = "/etc/vmstation/power.json";
export const KEY = `${SECRETS}/key`;
export const KNOWN_HOSTS = `${SECRETS}/known_hosts`;
export const KUBECONFIG = `${SECRETS}/kubeconfig`;
export const PROGRAMS = "/usr/local/lib/vmstation";
/** Read by node-exporter. */
export const METRICS = "/var/lib/node_exporter/textfile_collector/vmstation.prom";
/** How many connections to each app are open; gone while nobody counts. */
export const CONNECTIONS = "/run/vmstation-power/connections.json";
/** Whom the controller logs in as on a machine that sleeps, and that user's home. */
export const AGENT_USER = "vmstation-power";
export const AGENT_HOME = "/var/lib/vmstation-power";

export type PowerMachine = Machine<MachinePowerConfig>;

/** A machine that sleeps, with what waking it takes. */
export interface Sleeper extends PowerMachine {
  readonly power: SleepsConfig;
  readonly mac: string;
}

export function isSleeper(machine: PowerMachine): machine is Sleeper {
  return machine.power.mode === "sleeps" && machine.mac !== undefined;
}

/** Files of the controller that hold a secret. */
export function bmcFile(machine: string): string {
  return `${SECRETS}/bmc-${machine}`;
}

export function appKeyFile(app: string): string {
  return `${SECRETS}/key-${app}`;
}
