import type { FirewallRule, PackageNeed } from "../shared/facts";
import type { LanConfig } from "../remote/config";
import type { Step } from "../remote/step";
import type { NodeConfig } from "./config";
import type { Machine } from "./machine";

/** All that a machine's steps are rendered from, the machine itself excepted. */
export interface NodeContext {
  readonly config: NodeConfig;
  readonly lan: LanConfig;
  /** Every machine of the stack, for names and addresses. */
  readonly machines: readonly Machine[];
  /** Pod network, for the rules that let pods reach their own host. */
  readonly podCidr: string;
  /** What all layers ask of the firewall and of the package manager. */
  readonly firewall: readonly FirewallRule[];
  readonly packages: readonly PackageNeed[];
}

/** One step of a machine's preparation. */
export type NodeStep = (machine: Machine, context: NodeContext) => Step;

/** First line of every file that the program puts on a machine. */
export const HEADER = "# Written by VMStation; changes here are found and undone.\n";

/** Address of a machine by name; the configuration has been checked, so that a missing one is our fault. */
export function addressOf(name: string, context: NodeContext): string {
  const machine = context.machines.find((m) => m.name === name);
  if (machine === undefined) throw new Error(`no machine named ${name}`);
  return machine.address;
}
