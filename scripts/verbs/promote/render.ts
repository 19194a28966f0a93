import type { Refusal } from "./judge";
import type { Changes } from "./stack-runs";

/** What `vmstation promote --json` prints. */
export interface Promotion {
  readonly version: 1;
  readonly from: string;
  readonly to: string;
  readonly commit: string;
  /** The tag that is gone back to, or null. */
  readonly tag: string | null;
  /** Why nothing is promoted; empty where everything allows it. */
  readonly refusals: readonly Refusal[];
  /** How many resources TO's preview would create, update, …; null where there was none to count. */
  readonly changes: Changes | null;
  /** Whether TO was updated: false in a dry run, after a refusal and after a no. */
  readonly promoted: boolean;
}

/** The reasons, one by one. */
export function renderRefusals({ from, to, commit, refusals }: Promotion): string {
  return [
    `${commit.slice(0, 10)} cannot be promoted from ${from} to ${to}:`,
    ...refusals.map(({ message }) => `  - ${message}`),
    "",
  ].join("\n");
}

/** What speaks for it, before TO's preview. */
export function renderEvidence({ from, to, commit, tag }: Promotion): string {
  const short = commit.slice(0, 10);
  return tag === null
    ? `${from} was updated from ${short} and passed its validation. What it changes in ${to}:\n`
    : `Back to ${tag} (${short}), which has run to its end before. What it changes in ${to}:\n`;
}

/** What comes next; `tags` are those of the commit. */
export function renderDone({ to, commit }: Promotion, tags: readonly string[], now: Date): string {
  const line = `${to} runs ${commit.slice(0, 10)}.\n`;
  if (tags.length > 0) return line;
  const tag = `${to}-${now.toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-")}`;
  return `${line}To be able to go back to it: git tag ${tag} && git push origin ${tag}\n`;
}

/** After a no. */
export const NOTHING_PROMOTED = "Nothing was promoted.\n";

export function renderFailed(to: string, code: number): string {
  return `The update of ${to} failed with code ${code}. The next update continues where it stopped.\n`;
}
