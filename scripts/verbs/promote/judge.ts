import { renderCommand } from "../../kit/advice";
import {
  commitOf,
  type HistoryEntry,
  isCommitted,
  lastChange,
  partialFlags,
  ranWhole,
} from "../../kit/pulumi/history";
import type { PinDifference } from "./pins";
import type { Checkout } from "./repository";
import { renderFailures, type ValidationReport } from "./validation";

/** All that the decision rests on. */
export interface Evidence {
  readonly from: string;
  readonly to: string;
  readonly checkout: Checkout;
  /** The tag to go back to, and its commit. */
  readonly tag: { readonly name: string; readonly commit: string } | undefined;
  /** Newest first. */
  readonly fromHistory: readonly HistoryEntry[];
  readonly toHistory: readonly HistoryEntry[];
  /** The last one of FROM. */
  readonly validation: ValidationReport | undefined;
  readonly pins: readonly PinDifference[];
}

/** Why nothing is promoted. */
export interface Refusal {
  readonly code: string;
  /** What is not so, and what to do. */
  readonly message: string;
}

/** Every reason at once; none where the commit may go on. */
export function judge(evidence: Evidence): Refusal[] {
  const { tag, toHistory, checkout } = evidence;
  const tree = judgeTree(evidence);
  // The runs of another commit say nothing about the tag's commit.
  if (tag !== undefined && tag.commit !== checkout.commit) return tree;
  const first = [...judgeUpdate(evidence), ...judgeValidation(evidence), ...judgePins(evidence)];
  if (tag === undefined || first.length === 0) return [...tree, ...first];
  // A commit that this stack has run to its end, with its validation, may run there again.
  if (toHistory.some((entry) => ranWhole(entry, checkout.commit))) return tree;
  const neverRan = refuse(
    "never-ran",
    `${evidence.to} never ran ${short(checkout.commit)} (${tag.name}) completely and with success, so the ` +
      `validation of ${evidence.from} decides`,
  );
  return [...tree, neverRan, ...first];
}

function refuse(code: string, message: string): Refusal {
  return { code, message };
}

export function short(commit: string): string {
  return commit.slice(0, 10);
}

function judgeTree({ checkout, tag }: Evidence): Refusal[] {
  const { commit, changed } = checkout;
  const refusals: Refusal[] = [];
  if (changed.length > 0) {
    const list = changed.slice(0, 5).join(", ") + (changed.length > 5 ? ", …" : "");
    refusals.push(
      refuse(
        "not-clean",
        `the working tree differs from its commit (${list}): commit the changes, or undo them`,
      ),
    );
  }
  if (tag !== undefined && tag.commit !== commit) {
    refusals.push(
      refuse(
        "not-the-tag",
        `the working tree is at ${short(commit)}, and ${tag.name} is ${short(tag.commit)}: ` +
          `git switch --detach ${tag.name} && npm ci`,
      ),
    );
  }
  return refusals;
}

function judgeUpdate({ from, fromHistory, checkout }: Evidence): Refusal[] {
  const last = lastChange(fromHistory);
  const up = renderCommand({ stack: from }, "up");
  if (last === undefined) return [refuse("no-update", `${from} was never updated: ${up}`)];
  if (last.kind !== "update") {
    return [
      refuse("no-update", `the last operation on ${from} was ${last.kind}, not an update: ${up}`),
    ];
  }
  const refusals: Refusal[] = [];
  const commit = commitOf(last);
  if (commit === undefined) {
    refusals.push(
      refuse("no-commit", `${from}'s last update was not made from a git checkout: ${up}`),
    );
  } else if (commit !== checkout.commit) {
    refusals.push(
      refuse(
        "other-commit",
        `${from}'s last update was made from ${short(commit)}, and this is ${short(checkout.commit)}: ${up}`,
      ),
    );
  }
  if (commit !== undefined && !isCommitted(last)) {
    refusals.push(
      refuse("uncommitted", `${from}'s last update contained uncommitted changes: ${up}`),
    );
  }
  if (last.result !== "succeeded") {
    const what = last.result === "in-progress" ? "has not finished" : `ended as ${last.result}`;
    refusals.push(refuse("unfinished", `${from}'s last update ${what}: ${up}`));
  }
  const flags = partialFlags(last);
  if (flags.length > 0) {
    const given = flags.join(" and ");
    refusals.push(refuse("partial", `${from}'s last update was limited by ${given}: ${up}`));
  }
  return refusals;
}

function judgeValidation({ from, fromHistory, validation }: Evidence): Refusal[] {
  if (lastChange(fromHistory) === undefined) return [];
  if (validation === undefined) {
    return [refuse("no-validation", `${from} has no readable output "validation"`)];
  }
  if (validation.status === "pass") return [];
  const failures = renderFailures(validation).map((line) => `\n    ${line}`);
  return [refuse("invalid", `${from}'s validation says ${validation.status}:${failures.join("")}`)];
}

function judgePins({ from, to, pins }: Evidence): Refusal[] {
  return pins.map((pin) =>
    refuse(
      "other-pins",
      `vmstation:${pin.path} is ${pin.from} in ${from} and ${pin.to} in ${to}: make them the same`,
    ),
  );
}
