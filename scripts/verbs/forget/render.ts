/** What `vmstation forget --json` prints. */
export interface Forgotten {
  readonly version: 1;
  readonly stack: string;
  readonly machine: string;
  /** Whether the stack's file still describes the machine. */
  readonly configured: boolean;
  /** What of the machine is in the state. */
  readonly dropped: readonly { readonly urn: string; readonly name: string }[];
  /** Whether it was taken out: false in a dry run, after a no, and where there is nothing. */
  readonly changed: boolean;
  /** Where the state as it was is kept; null where it was not changed. */
  readonly backup: string | null;
}

export function renderText(forgotten: Forgotten): string {
  const { stack, machine, configured, dropped, changed, backup } = forgotten;
  const what = changed ? "no longer has" : "has";
  const file = `Pulumi.${stack}.yaml`;
  return [
    dropped.length === 0
      ? `The state of ${stack} has no resources of ${machine}.`
      : `The state of ${stack} ${what} ${dropped.length} resources of ${machine}:`,
    ...dropped.map(({ name }) => `  ${name}`),
    ...(changed ? ["Nothing was run on any machine."] : []),
    ...(backup === null ? [] : [`Copy of the old state: ${backup}`]),
    ...(configured
      ? [
          `Next: remove vmstation:machines.${machine} from ${file}, and every key that names it. Otherwise the ` +
            `next up creates it again. That up also removes its objects in Kubernetes.`,
        ]
      : []),
  ]
    .map((line) => `${line}\n`)
    .join("");
}
