import { printable } from "../../kit/terminal/printable";
import type { Snapshot, Status } from "../../kit/controller/backup-controller";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** "0 B", "1.5 GiB": three digits at most. */
export function renderSize(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : String(Math.round(value))} ${UNITS[power] ?? ""}`;
}

function renderColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** The snapshots as a table, in the order given. */
export function renderSnapshots(snapshots: readonly Snapshot[]): string {
  if (snapshots.length === 0) return "There is no backup yet.\n";
  return renderColumns([
    ["TIME", "SNAPSHOT", "SET", "WHAT"],
    ...snapshots.map(({ time, short, set, item, incomplete }) =>
      [time, short, set, incomplete ? `${item} (incomplete)` : item].map(printable),
    ),
  ]);
}

/** One line for each item: when it was backed up last, how much that is, and what went wrong since. */
export function renderStatus(items: readonly Status[]): string {
  return renderColumns(
    items.map(({ item, success, failed, error, size, added, seconds }) => [
      printable(item),
      success === null ? "never" : new Date(success * 1000).toISOString().replace(/\.\d+Z$/, "Z"),
      size === undefined ? "" : `${renderSize(size)}, ${renderSize(added ?? 0)} of it new`,
      seconds === undefined ? "" : `${seconds} s`,
      failed ? `FAILED: ${printable(error ?? "")}` : "",
    ]),
  );
}

/** Those of the items that `what` names: a set, one of them, or all. */
export function select(items: readonly Status[], what: string): Status[] {
  return items.filter(({ set, item }) => what === "all" || what === set || what === item);
}
