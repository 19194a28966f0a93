import { printable } from "../../kit/terminal/printable";
import type { Problem } from "./problems";
import type { Action, RemedyPlan, Result } from "./remedies";

/** What will be done, and what is skipped. */
export function renderPlan({ actions, refusals }: RemedyPlan, dryRun: boolean): string {
  const lines = [
    ...actions.map(({ does, why }) => `${dryRun ? "would" : "will"} ${does} (${why})`),
    ...refusals.map(({ what, why }) => `skips ${what}: ${why}`),
  ];
  return lines.length === 0 ? "nothing to repair\n" : `${lines.map(printable).join("\n")}\n`;
}

/** What was done. */
export function renderResults(results: readonly Result[], actions: readonly Action[]): string {
  return results
    .map(({ id, done, why }) => {
      const does = actions.find((action) => action.id === id)?.does ?? id;
      return printable(done ? `done: ${does}` : `failed: ${does}: ${why}`) + "\n";
    })
    .join("");
}

/** The problems that there is a remedy for. */
export function renderProblems(problems: readonly Problem[]): string {
  const width = Math.max(...problems.map(({ name }) => name.length));
  return problems.map(({ name, does }) => `${name.padEnd(width)}  ${does}\n`).join("");
}
