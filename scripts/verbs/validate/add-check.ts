import type { Check, ValidationReport } from "../../kit/validation-report";

/** What is asked from this computer, and not by the controller. */
type Ask = () => Promise<Check | readonly Check[] | undefined>;

/** The report with what these find. One after the other: each runs the CLI, on the same copy of the stack's file. */
export async function addAsked(
  report: ValidationReport,
  asks: readonly Ask[],
): Promise<ValidationReport> {
  let whole = report;
  for (const ask of asks) whole = [await ask()].flat().reduce(addCheck, whole);
  return whole;
}

/** The report of the controller's checks with one more, after those of its group. */
export function addCheck(report: ValidationReport, check: Check | undefined): ValidationReport {
  if (check === undefined) return report;
  const last = report.checks.findLastIndex(({ group }) => group === check.group);
  const at = last < 0 ? report.checks.length : last + 1;
  const counts = { ...report.counts, [check.status]: report.counts[check.status] + 1 };
  return {
    ...report,
    checks: report.checks.toSpliced(at, 0, check),
    counts,
    // What could not be looked at is worse than what is wrong: it may be all of it.
    status: worse(report.status, check.status),
  };
}

const ORDER = ["pass", "fail", "error"] as const;

function worse(a: Check["status"], b: Check["status"]): Check["status"] {
  return ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;
}
