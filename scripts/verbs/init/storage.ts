import type { Facts, FoundDisk } from "./facts";
import { type ComposedExport, composeExports } from "./compose-exports";
import { type ComposedMount, composeMounts, listIdleDisks } from "./compose-mounts";

/** What was found of a machine's disks, and what about it is left to its owner. */
export interface Storage {
  readonly mounts: Readonly<Record<string, ComposedMount>>;
  readonly exports: Readonly<Record<string, ComposedExport>>;
  /** For comments in the file. */
  readonly remarks: readonly string[];
}

export function composeStorage(facts: Facts, lan: string): Storage {
  const remarks: string[] = [];
  const mounts = composeMounts(facts, remarks);
  const exports = composeExports(facts, lan, remarks);
  return {
    mounts,
    exports,
    remarks: [...remarks, ...listIdleDisks(facts, mounts).map(renderDisk)],
  };
}

function renderDisk({ path, fstype, uuid, size }: FoundDisk): string {
  const what = `${fstype ?? ""}, ${renderSize(size)}`;
  const source = uuid ? `{ uuid: "${uuid}" }` : `{ device: ${path} }`;
  return `${path} (${what}) is not mounted; to mount it, use source: ${source}`;
}

/** Bytes in the largest unit that leaves a number of at least 1. */
export function renderSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[power] ?? ""}`;
}
