import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** A run of another container (a mounted checkout) cannot be seen by its process id: no run takes longer. */
const FOREIGN_HOURS = 24;

/**
 * A folder for the temporary files of one part of a run, the kubeconfig that the Kubernetes provider leaves
 * behind among them. Each object has its own, so that one run may hold several at once. Also removes the
 * folders of earlier runs that were killed.
 */
export class PrivateFolder {
  readonly path: string;

  constructor(parent: string) {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    const space = processSpace();
    for (const name of readdirSync(parent)) {
      const [pid, owner = ""] = name.split("-");
      const path = join(parent, name);
      const isOver = owner === space ? !isInUse(Number(pid), path) : isOld(path);
      if (isOver) remove(path);
    }
    // Mode 0700, and a name that nobody else has.
    this.path = mkdtempSync(join(parent, `${process.pid}-${space}-`));
  }

  remove(): void {
    remove(this.path);
  }
}

/** Linux's number of the namespace in which our process id means us; "" elsewhere. */
function processSpace(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "";
  } catch {
    return "";
  }
}

function isInUse(pid: number, path: string): boolean {
  // A container gives its processes the same ids again: what is older than this process is not its own.
  return pid === process.pid ? changedAt(path) >= performance.timeOrigin : isRunning(pid);
}

function isOld(path: string): boolean {
  return Date.now() - changedAt(path) > FOREIGN_HOURS * 3_600_000;
}

/** Milliseconds since 1970; 0 for what has just been removed. */
function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
