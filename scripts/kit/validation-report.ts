import { z } from "zod";
import { printable } from "./terminal/printable";
import type { Style } from "./terminal/style";

const status = z.enum(["pass", "fail", "error"]);

export const checkSchema = z.object({
  group: z.string(),
  name: z.string(),
  status,
  found: z.string(),
  expected: z.string(),
  /** Empty where the check passes. */
  advice: z.string(),
});

/** What vmstation-validate prints with --json. */
export const reportSchema = z.object({
  status,
  counts: z.object({ pass: z.number(), fail: z.number(), error: z.number() }),
  checks: z.array(checkSchema),
});

export type ValidationReport = z.infer<typeof reportSchema>;
export type Check = z.infer<typeof checkSchema>;

/** A line for each check, and what was expected and what to do below each that does not pass. */
export function renderReport({ checks, counts }: ValidationReport, style: Style): string {
  const summary = `${counts.pass} pass, ${counts.fail} fail, ${counts.error} could not be checked`;
  return [...checks.flatMap((check) => renderCheck(check, style)), style.bold(summary), ""].join(
    "\n",
  );
}

function renderCheck(check: Check, style: Style): string[] {
  const { group, name, status: outcome, found, expected, advice } = check;
  const line = printable(`${outcome.padEnd(5)}  ${group}: ${name}: ${found}`);
  if (outcome === "pass") return [line];
  const more = (what: string, text: string): string[] =>
    style.hang(" ".repeat(7), printable(`${what}: ${text}`), "  ");
  return [style.yellow(line), ...more("expected", expected), ...more("to do", advice)];
}
