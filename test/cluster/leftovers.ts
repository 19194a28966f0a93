import { mkdtempSync, readdirSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { run } from "../rig/command";

const PREFIX = "vmstation-cluster-";

/** A folder without a process is a cluster that is just starting until it is this old, in milliseconds. */
const YOUNG = 60_000;

/** A new cluster's folder. Each of its processes holds a shared lock on it as long as it lives. */
export function createFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), PREFIX));
}

/** Removes the folders of clusters whose test run was killed; its processes died with it. */
export async function removeLeftovers(): Promise<string[]> {
  const removed: string[] = [];
  for (const name of readdirSync(os.tmpdir())) {
    const folder = path.join(os.tmpdir(), name);
    if (!name.startsWith(PREFIX)) continue;
    // Another run may be removing its own meanwhile.
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - made < YOUNG) continue;
    const remove = ["--nonblock", folder, "rm", "-rf", "--one-file-system", folder];
    if ((await run("flock", remove, { anyCode: true })).code === 0) removed.push(folder);
  }
  return removed;
}
