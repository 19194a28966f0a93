import { renderCommand } from "../../kit/advice";
import { printable } from "../../kit/terminal/printable";
import type { Found, Known } from "./look";

/** What somebody should look at, each in a line. */
export function listAttention(
  stack: string,
  { update, power, checks, backups }: Found,
  open: readonly { readonly path: string; readonly message: string }[],
): string[] {
  const parts: readonly Known<unknown>[] = [update, power, checks, backups];
  const unknown = parts.flatMap((part) => ("unknown" in part ? [part.unknown] : []));
  return [
    ...new Set(unknown),
    ...aboutUpdate(stack, update),
    ...aboutPower(stack, power),
    ...valueOf(checks, [])
      .filter(({ status }) => status !== "pass")
      .map(({ name, found, advice }) => `${name}: ${found}${advice === "" ? "" : `; ${advice}`}`),
    ...aboutBackups(stack, backups),
    ...open.map(({ path, message }) => `${path}: ${message}`),
  ].map((line) => printable(line).replaceAll("\n", " "));
}

/** What is known, or something else in its place. */
export function valueOf<Value, Other>(part: Known<Value>, other: Other): Value | Other {
  return "value" in part ? part.value : other;
}

function aboutUpdate(stack: string, update: Found["update"]): string[] {
  const last = valueOf(update, undefined);
  if (last === undefined || last?.result === "succeeded") return [];
  const next = renderCommand({ stack }, "up");
  return last === null
    ? [`the stack was never applied: ${next}`]
    : [`the last ${last.kind} ended as ${last.result}; it continues with: ${next}`];
}

function aboutPower(stack: string, power: Found["power"]): string[] {
  const rows = valueOf(power, []);
  const down = rows.some(({ spunDown }) => spunDown);
  const failed = rows.filter(({ state }) => state === "failed");
  const unproved = rows.filter(({ state, proved }) => !proved && state !== "failed");
  const test = (machine: string): string => renderCommand({ stack }, "power", "test", machine);
  return [
    ...(down ? [`the cluster is spun down: ${renderCommand({ stack }, "spin-up")}`] : []),
    ...failed.map(({ machine, reasons }) => {
      return `${machine} failed: ${reasons.join(", ")}; once it is repaired: ${test(machine)}`;
    }),
    ...unproved.map(({ machine }) => {
      return `${machine} does not sleep by itself before it has passed a wake test: ${test(machine)}`;
    }),
  ];
}

function aboutBackups(stack: string, backups: Found["backups"]): string[] {
  return valueOf(backups, []).flatMap(({ item, failed, success, error }) => {
    if (failed) return [`the last backup of ${item} failed: ${error ?? "no reason given"}`];
    const first = renderCommand({ stack }, "backup", item);
    return success === null ? [`${item} was never backed up: ${first}`] : [];
  });
}
