import { controllerOf, type Site } from "../../stacks/site";

export type SpinMachine = Site["machines"][number];

export interface SpinOrder {
  /** Those that sleep: the power controller puts them away, workers first, then those that export file systems. */
  readonly sleepers: readonly SpinMachine[];
  /** Those that never sleep, without the controller's machine: workers first, then control planes. */
  readonly others: readonly SpinMachine[];
  /** Last down, first up. */
  readonly controller: SpinMachine;
}

/** Who goes down after whom; up goes the other way round. Machines that are away take no part. */
export function findOrder(site: Site): SpinOrder {
  const controller = controllerOf(site);
  const there = site.machines.filter(({ offline }) => !offline);
  const rank = (machine: SpinMachine): number =>
    machine.roles.includes("control-plane") ? 2 : Object.keys(machine.exports).length > 0 ? 1 : 0;
  const sorted = [...there].sort((a, b) => rank(a) - rank(b));
  return {
    sleepers: sorted.filter((machine) => machine.sleeps),
    others: sorted.filter(({ name, sleeps }) => !sleeps && name !== controller.name),
    controller,
  };
}

/** The machines' names in the order in which they come up. */
export function listUp({ sleepers, others, controller }: SpinOrder): string[] {
  return [...sleepers, ...others, controller].reverse().map(({ name }) => name);
}

/** One line for each machine, numbered; `down`: what is done to it, else how it comes up. */
export function renderOrder(order: SpinOrder, down: boolean): string {
  const marked = (machine: SpinMachine): string =>
    Object.keys(machine.exports).length > 0 ? "storage" : "worker";
  const alwaysOn = [...order.others, order.controller];
  const lines = down
    ? [
        ...order.sleepers.map(
          (m) => `${m.name} (${marked(m)}): cordon, marked workloads to 0, power off`,
        ),
        ...alwaysOn.map((m) => `${m.name} (always on): power off`),
      ]
    : [
        ...[...alwaysOn]
          .reverse()
          .map((m) => `${m.name} (always on): ${howUp(m)}, until SSH answers`),
        ...[...order.sleepers]
          .reverse()
          .map((m) => `${m.name} (${marked(m)}): magic packet, Ready, uncordon, workloads back`),
      ];
  return lines.map((line, i) => `${i + 1}. ${line}\n`).join("");
}

function howUp({ mac }: SpinMachine): string {
  return mac === undefined ? "its power button" : "magic packet";
}
