import { renderResults } from "../../kit/controller/results";
import type { Result } from "../../kit/controller/rows";

/** Whether each machine sleeps now, or would. */
export function renderSleep(
  results: readonly Pick<Result, "machine" | "done" | "why">[],
  dryRun: boolean,
): string {
  return renderResults(results, () => (dryRun ? "would sleep" : "asleep"));
}
