import { renderTime } from "../../kit/controller/render-table";
import type { Result } from "../../kit/controller/rows";

/** A hold wakes nobody: what the machine is now is said beside it. */
export function renderHolds({ machine, state, holds }: Result, timeZone: string): string {
  const now = Date.now() / 1000;
  const each = holds.map(({ why, until }) => `until ${renderTime(until, now, timeZone)} (${why})`);
  const held = each.length === 0 ? "not held" : `held ${each.join(", ")}`;
  return `${machine}: ${state}, ${held}\n`;
}

export function renderDryRun(
  verb: "hold" | "release",
  machines: readonly { readonly name: string }[],
): string {
  return `would ${verb} ${machines.map(({ name }) => name).join(", ")}\n`;
}
