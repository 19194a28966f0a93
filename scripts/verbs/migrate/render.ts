import { renderCommand } from "../../kit/advice";
import type { Merger } from "../../kit/state/merge";
import { parseUrn } from "../../engine/urn";

/** What `vmstation migrate --json` prints. */
export interface Migration {
  readonly version: 1;
  readonly stack: string;
  readonly merged: readonly { readonly into: string; readonly former: readonly string[] }[];
  /** Whether the state was changed: false in a dry run, after a no, and where there is nothing to do. */
  readonly changed: boolean;
  /** Where the state as it was is kept; null where it was not changed. */
  readonly backup: string | null;
}

export function describeMergers(mergers: readonly Merger[]): Migration["merged"] {
  return mergers.map(({ urn, former }) => ({
    into: parseUrn(urn).name,
    former: former.map((each) => parseUrn(each.urn).name),
  }));
}

export function renderMigration({ stack, merged, changed, backup }: Migration): string {
  if (merged.length === 0) return `The state of ${stack} needs no conversion.\n`;
  const count = merged.reduce((sum, { former }) => sum + former.length, 0);
  const entries = count === 1 ? "entry" : "entries";
  const verb = changed ? "became" : count === 1 ? "becomes" : "become";
  return [
    `${count} ${entries} in the state of ${stack} ${verb} ${merged.length}:`,
    ...merged.map(({ into, former }) => `  ${into}  <-  ${former.join(" ")}`),
    ...(changed ? ["No machine was changed."] : []),
    ...(backup === null ? [] : [`Copy of the old state: ${backup}`]),
    ...(changed ? [`Next: ${renderCommand({ stack }, "preview")}`] : []),
  ]
    .map((line) => `${line}\n`)
    .join("");
}
