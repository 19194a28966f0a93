import type { Site, SiteMachine } from "../../../stacks/site";

/** What of the state is on the old controller and goes with it: the plan has it no more once another one took over. */
export function listDropped(
  here: ReadonlySet<string>,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): Set<string> {
  return new Set([...here].filter((urn) => before.has(urn) && !after.has(urn)));
}

/** What a takeover means beside the state. */
export interface Effects {
  readonly moves: readonly string[];
  /** What only the dead machine has. */
  readonly lost: readonly string[];
  /** What is placed there by name, and waits for it. */
  readonly waits: readonly string[];
}

export function listEffects(before: Site, after: Site, { name }: SiteMachine): Effects {
  const { config, facts } = before;
  const hasSleepers = before.machines.some(({ sleeps }) => sleeps);
  const { backup, node } = config;
  const own = (key: "timeServer" | "logServer"): boolean =>
    node[key] === name && after.config.node[key] !== name;
  const volumes = facts.volumes.filter(({ machine }) => machine === name);
  return {
    moves: [
      ...(hasSleepers
        ? ["the power controller, and the ports it holds for machines that sleep"]
        : []),
      ...(backup.enabled ? ["the backups"] : []),
      "the checks of the cluster",
      ...(own("timeServer") ? ["the time server"] : []),
      ...(own("logServer") ? ["the log server"] : []),
    ],
    lost: [
      ...(backup.enabled
        ? [`the backups in ${backup.repository} on ${name}; new ones begin without them`]
        : []),
      ...(hasSleepers ? ["holds, and the record of how long machines take to wake"] : []),
      ...(own("logServer") ? [`the machines' logs that ${name} has received`] : []),
    ],
    waits: [...new Set(volumes.map(({ user, directory }) => `${user} (${directory})`))],
  };
}
