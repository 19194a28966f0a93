import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * A folder for the temporary files of one run, the kubeconfig that the Kubernetes provider leaves
 * behind among them. Also removes the folders of earlier runs that were killed.
 */
export class PrivateFolder {
  readonly path: string;

  constructor(parent: string) {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(parent)) {
      if (!isRunning(Number(name))) remove(join(parent, name));
    }
    this.path = join(parent, String(process.pid));
    mkdirSync(this.path, { mode: 0o700 });
  }

  remove(): void {
    remove(this.path);
  }
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
