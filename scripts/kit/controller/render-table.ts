import type { Site } from "../../../stacks/site";
import { printable } from "../terminal/printable";
import { wrapWords } from "../terminal/wrap-words";
import type { Row } from "./rows";

type SiteMachine = Pick<Site["machines"][number], "name" | "sleeps" | "offline">;

const HEAD = [
  "MACHINE",
  "STATE",
  "SINCE",
  "NEXT CHECK",
  "LAST WAKE",
  "ASLEEP 7 D",
  "SAVED",
  "WHY",
] as const;

/** "Fri 13:05", in the LAN's time zone; with the date where it is more than six days from now. */
export function renderTime(seconds: number, now: number, timeZone: string): string {
  const far = Math.abs(now - seconds) > 6 * 86_400;
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
    ...(far ? { day: "2-digit", month: "short" } : { weekday: "short" }),
  });
  return format.format(new Date(seconds * 1000)).replaceAll(",", "");
}

/** Hours and minutes: 2:05. */
export function renderHours(seconds: number): string {
  const minutes = Math.max(0, Math.floor(seconds / 60));
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

interface TableArgs {
  /** Unix seconds. */
  readonly now: number;
  readonly timeZone: string;
  /** The terminal's width; undefined where nobody watches. */
  readonly columns?: number | undefined;
}

/**
 * All machines as text, in the order of the configuration. Where the reasons have no room in their lines, each is below
 * its machine.
 */
export function renderTable(
  machines: readonly SiteMachine[],
  rows: readonly Row[],
  { now, timeZone, columns = Infinity }: TableArgs,
): string {
  const time = (seconds: number): string => renderTime(seconds, now, timeZone);
  const lines = machines.map((machine) => renderLine(machine, rows, time));
  const all = [[...HEAD], ...lines];
  const whole = align(all);
  if (whole.every((line) => line.length <= columns)) return whole.map(end).join("");
  const short = align(all.map((line) => line.slice(0, -1)));
  return short
    .flatMap((line, i) => [line, ...below(all[i]?.at(-1) ?? "", i, columns)])
    .map(end)
    .join("");
}

function align(lines: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** The reason below its machine's line; the head has none. */
function below(why: string, line: number, columns: number): string[] {
  if (line === 0 || why === "-") return [];
  return wrapWords(why, columns - 2).map((each) => `  ${each}`);
}

function end(line: string): string {
  return `${line}\n`;
}

function renderLine(
  machine: SiteMachine,
  rows: readonly Row[],
  time: (seconds: number) => string,
): string[] {
  const row = rows.find((each) => each.machine === machine.name);
  if (row === undefined) return renderUnmanaged(machine);
  const { lastWakeAt, lastWakeSeconds, savedWattHours } = row;
  const took = lastWakeSeconds === null ? "" : ` (${lastWakeSeconds.toFixed(0)} s)`;
  return [
    row.machine,
    row.state,
    time(row.since),
    row.checkedAt === 0 || row.state === "offline" ? "-" : time(row.nextCheckAt),
    lastWakeAt === null ? "-" : time(lastWakeAt) + took,
    renderHours(row.asleepSeconds7d),
    savedWattHours === null ? "-" : `${savedWattHours.toFixed(0)} Wh`,
    printable(renderWhy(row, time)) || "-",
  ];
}

/** The reasons for the state; a hold is one of them only where the machine is up. */
function renderWhy({ reasons, holds }: Row, time: (seconds: number) => string): string {
  const said = reasons.join("; ");
  const more = holds
    .filter(({ why }) => !said.includes(`: ${why}`))
    .map(({ why, until }) => `held until ${time(until)}: ${why}`);
  return [...(said === "" ? [] : [said]), ...more].join("; ").replaceAll("\n", " ");
}

function renderUnmanaged({ name, sleeps, offline }: SiteMachine): string[] {
  const blank = ["-", "-", "-", "-", "-"];
  if (offline) return [name, "offline", ...blank, "the configuration says that it is offline"];
  if (sleeps) return [name, "unknown", ...blank, "the power controller does not know it yet"];
  return [name, "awake", ...blank, "always on"];
}
