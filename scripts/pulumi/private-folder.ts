import { mkdirSync, readdirSync, readlinkSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** A run of another container (a mounted checkout) cannot be seen by its process id: no run takes longer. */
const FOREIGN_HOURS = 24;

/**
 * A folder for the temporary files of one run, the kubeconfig that the Kubernetes provider leaves
 * behind among them. Also removes the folders of earlier runs that were killed.
 */
export class PrivateFolder {
  readonly path: string;

  constructor(parent: string) {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    const space = processSpace();
    for (const name of readdirSync(parent)) {
      const [pid, owner = ""] = name.split("-");
      const isOver = owner === space ? !isRunning(Number(pid)) : isOld(join(parent, name));
      if (isOver) remove(join(parent, name));
    }
    this.path = join(parent, [process.pid, space].filter(String).join("-"));
    mkdirSync(this.path, { mode: 0o700 });
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

function isOld(path: string): boolean {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - modified > FOREIGN_HOURS * 3_600_000;
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
