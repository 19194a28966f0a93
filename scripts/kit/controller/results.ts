import { renderCommand } from "../advice";
import { printable } from "../terminal/printable";
import { EXIT, type ExitCode } from "../user-error";
import type { Result } from "./rows";

/** One line for each machine: its name, and what became of the order. */
export function renderResults(
  results: readonly Pick<Result, "machine" | "done" | "why">[],
  done: (result: string) => string,
): string {
  return results
    .map(({ machine, done: ok, why }) => {
      const reasons = printable(why.join("; ")).replaceAll("\n", " ");
      return `${machine}: ${ok ? done(machine) : `no: ${reasons}`}\n`;
    })
    .join("");
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

/** The worst of the codes: what could not run counts more than what failed. */
export function worst(codes: readonly ExitCode[]): ExitCode {
  const order = [EXIT.couldNotRun, EXIT.fail] as const;
  return order.find((code) => codes.includes(code)) ?? EXIT.pass;
}

export function writeProgress(text: string): void {
  process.stderr.write(text);
}
