import { renderCommand } from "../../kit/advice";
import { renderResults } from "../../kit/controller/results";
import type { Result } from "../../kit/controller/rows";

/** Whether each machine sleeps now, or would. */
export function renderSleep(
  results: readonly Pick<Result, "machine" | "done" | "why">[],
  dryRun: boolean,
): string {
  return renderResults(results, () => (dryRun ? "would sleep" : "asleep"));
}

/** How a machine is released that only a hold keeps awake; nothing where there is none. */
export function renderRelease(
  stack: string,
  results: readonly Pick<Result, "machine" | "why">[],
): string {
  const held = results.filter(({ why }) => why.some((each) => each.startsWith("held until ")));
  return held
    .map(({ machine }) => renderCommand({ stack }, "hold", machine, "--release"))
    .map((command) => `To release it: ${command}\n`)
    .join("");
}
