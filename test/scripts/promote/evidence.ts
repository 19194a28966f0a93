import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type HistoryEntry, parseHistory } from "../../../scripts/kit/pulumi/history";
import type { Evidence } from "../../../scripts/verbs/promote/judge";
import type { ValidationReport } from "../../../scripts/verbs/promote/validation";

/** Commits of the recorded history: all but the oldest entry were made from NEW. */
export const OLD = "54539ba0ee105e4f4b68ee4427ce27982f67e5c4";
export const NEW = "67d01e26047ee228dc6c1dbcc4661ebe09be6521";

/**
 * What `pulumi stack history --json` printed of a real stack, newest first; facts of the computer are left
 * out. A whole update of OLD, one of NEW, one with uncommitted changes, one with --target, a failed
 * one, one whose validation failed, a refresh and a destroy.
 */
export const RECORDED = readFileSync(join(__dirname, "recorded/history.json"), "utf8");

const entries = parseHistory("lab", RECORDED);

/** The history as it was right after the n-th of these. */
function historyAfter(n: number): HistoryEntry[] {
  return entries.slice(entries.length - n);
}

export const HISTORY = {
  old: historyAfter(1),
  whole: historyAfter(2),
  uncommitted: historyAfter(3),
  partial: historyAfter(4),
  failed: historyAfter(5),
  invalid: historyAfter(6),
  refreshed: historyAfter(7),
  destroyed: historyAfter(8),
} as const;

export const PASSED: ValidationReport = { status: "pass", checks: [] };

/** Everything speaks for it, but for the changes. */
export function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    ...{ from: "lab", to: "homelab", tag: undefined, pins: [] },
    checkout: { commit: NEW, changed: [], tags: [] },
    ...{ fromHistory: HISTORY.whole, toHistory: [], validation: PASSED },
    ...changes,
  };
}
