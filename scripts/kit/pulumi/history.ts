import { z } from "zod";
import { parseJson } from "../parse-json";
import { UserError } from "../user-error";

/** One entry of `pulumi stack history --json`, newest first, as far as promotion asks. */
const entrySchema = z.object({
  version: z.number(),
  /** update, refresh, destroy, import, … */
  kind: z.string(),
  /** succeeded, failed or in-progress. */
  result: z.string(),
  endTime: z.string().optional(),
  /** Facts of the run: the commit under git.*, the names of the flags under pulumi.flag.*. */
  environment: z.record(z.string(), z.string()).prefault({}),
});

export type HistoryEntry = z.infer<typeof entrySchema>;

const historySchema = z.array(entrySchema);

/** Reads the history; a form that is not known here is refused rather than guessed at. */
export function parseHistory(stack: string, text: string): HistoryEntry[] {
  const parsed = historySchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new UserError(
    `This version of VMStation cannot read the history of ${stack}:\n${z.prettifyError(parsed.error)}`,
  );
}

// These only compare or rename: the stack's resources are the same afterwards.
const LOOKING = ["preview", "refresh", "rename"];

/** What last changed the stack; undefined where nothing ever has. */
export function lastChange(history: readonly HistoryEntry[]): HistoryEntry | undefined {
  return history.find(({ kind }) => !LOOKING.includes(kind));
}

/** The commit that the program was run from; undefined where it was no git checkout. */
export function commitOf({ environment }: HistoryEntry): string | undefined {
  return environment["git.head"];
}

/** Whether the commit is all that was run: nothing was changed in the working tree. */
export function isCommitted({ environment }: HistoryEntry): boolean {
  return environment["git.dirty"] === "false";
}

const PARTIAL = ["target", "target-replace", "target-dependents", "exclude", "exclude-dependents"];

/** The flags that left a part of the graph out, as they were given. */
export function partialFlags({ environment }: HistoryEntry): string[] {
  return PARTIAL.filter((flag) => `pulumi.flag.${flag}` in environment).map((flag) => `--${flag}`);
}

/** Whether the whole program was applied, and nothing but the commit, to its end: the validation. */
export function ranWhole(entry: HistoryEntry, commit: string): boolean {
  return (
    entry.kind === "update" &&
    entry.result === "succeeded" &&
    commitOf(entry) === commit &&
    isCommitted(entry) &&
    partialFlags(entry).length === 0
  );
}
