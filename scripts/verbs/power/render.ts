import { renderCommand } from "../../kit/advice";
import { renderResults } from "../../kit/controller/results";
import type { Result, Row } from "../../kit/controller/rows";

/** A line below the table where the whole cluster is switched off on purpose. */
export function renderSpunDown(stack: string, machines: readonly Pick<Row, "spunDown">[]): string {
  return machines.some(({ spunDown }) => spunDown)
    ? `The cluster is spun down. To switch it on: ${renderCommand({ stack }, "spin-up")}\n`
    : "";
}

/** What became of each machine's wake test. */
export function renderTest(
  results: readonly Pick<Result, "machine" | "done" | "why" | "lastWakeSeconds">[],
  dryRun: boolean,
): string {
  return renderResults(results, (name) => {
    if (dryRun) return "would be put to sleep and woken";
    const took = results.find(({ machine }) => machine === name)?.lastWakeSeconds ?? 0;
    return `the wake test passed: asleep, woken by a magic packet, Ready after ${took.toFixed(0)} s`;
  });
}
