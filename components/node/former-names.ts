/** What was a resource of its own once, by the resource that does it today. */
const MERGED: Readonly<Record<string, readonly string[]>> = {
  system: ["identity", "packages", "kernel", "storage", "time", "logs"],
  access: ["firewall", "sshd"],
};

const TODAY = new Map(
  Object.entries(MERGED).flatMap(([today, steps]) => steps.map((step) => [step, today] as const)),
);

const FORMER = new RegExp(`^node-(.+)-(${[...TODAY.keys()].join("|")})$`);

/** A resource of an earlier version, whose step another resource does today. */
export interface FormerResource {
  readonly machine: string;
  /** Name of the resource that does its step today. */
  readonly successor: string;
}

/**
 * Reads the name of a remote command: undefined if no earlier version had it. The removal script of such a resource is in
 * the state as that version wrote it, and would also remove what another resource owns today.
 */
export function parseFormer(name: string): FormerResource | undefined {
  const [, machine, step] = FORMER.exec(name) ?? [];
  const today = TODAY.get(step ?? "");
  if (machine === undefined || today === undefined) return undefined;
  return { machine, successor: `node-${machine}-${today}` };
}
