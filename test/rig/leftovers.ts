import { existsSync, readFileSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import path from "node:path";
import { run } from "./command";
import { RUNS, runCgroups } from "./run-context";
import { waitFor } from "./wait";

/**
 * Removes what dead runs left. The kernel has ended their processes and dropped their mounts and
 * networks by then; empty control groups and folders remain, known by the run's lock. A run that
 * lives holds its lock and is left alone.
 */
export async function removeLeftovers(): Promise<string[]> {
  if (!existsSync(RUNS)) return [];
  const removed: string[] = [];
  for (const file of readdirSync(RUNS).filter((name) => name.endsWith(".lock"))) {
    const lock = path.join(RUNS, file);
    const { code } = await run("flock", ["--nonblock", lock, "true"], { anyCode: true });
    if (code !== 0) continue;
    const id = path.basename(file, ".lock");
    await removeRun(id);
    removed.push(id);
  }
  return removed;
}

/** Removes a run's control groups, folder and lock, once its last process has gone. */
export async function removeRun(id: string): Promise<void> {
  for (const cgroup of runCgroups(id)) await removeCgroup(cgroup);
  const folder = path.join(RUNS, id);
  if (existsSync(folder)) rmdirSync(folder);
  rmSync(`${folder}.new`, { force: true });
  rmSync(`${folder}.lock`, { force: true });
}

/** Removes a control group and those below it, once they are empty. */
export async function removeCgroup(cgroup: string): Promise<void> {
  if (!existsSync(cgroup)) return;
  // The kernel releases a process a moment after it is in no list any more: until then the removal fails.
  await waitFor(`the processes of ${cgroup} to end`, () =>
    Promise.resolve().then(() => isEmpty(cgroup) && removeTree(cgroup)),
  );
}

function isEmpty(cgroup: string): boolean {
  return (
    readFileSync(path.join(cgroup, "cgroup.procs"), "utf8") === "" &&
    subgroups(cgroup).every(isEmpty)
  );
}

function removeTree(cgroup: string): true {
  subgroups(cgroup).forEach(removeTree);
  rmdirSync(cgroup);
  return true;
}

function subgroups(cgroup: string): string[] {
  return readdirSync(cgroup, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(cgroup, entry.name));
}
