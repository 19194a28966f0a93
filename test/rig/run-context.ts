import { readFileSync } from "node:fs";
import path from "node:path";

/** Where runs keep their folders and locks, and the prefix of their control groups. */
export const RUNS = "/run/vmstation-rig";

/** The scripts and files that make the machines. */
export const SCRIPTS = path.join(__dirname, "machines");

/** What run.ts tells the processes that it starts. */
export const RUN_VARIABLE = "VMSTATION_RIG_RUN";
export const CACHE_VARIABLE = "VMSTATION_RIG_BASE";
export const DEBIAN_13_VARIABLE = "VMSTATION_RIG_BASE_13";
export const SKIP_VARIABLE = "VMSTATION_RIG_SKIP";

/** A run: everything between the start and the end of one `npm run test:rig`. */
export interface RunContext {
  readonly id: string;
  /** A folder of the run's own, in memory. */
  readonly folder: string;
  /** The folder that base.sh filled. */
  readonly cache: string;
  /** The same of Debian 13. */
  readonly debian13: string;
}

/** The run that this process belongs to, or undefined outside of one. */
export function currentRun(): RunContext | undefined {
  const id = process.env[RUN_VARIABLE];
  const cache = process.env[CACHE_VARIABLE];
  const debian13 = process.env[DEBIAN_13_VARIABLE];
  if (id === undefined || cache === undefined || debian13 === undefined) return undefined;
  return { id, folder: path.join(RUNS, id), cache, debian13 };
}

/**
 * The folders under which a run's machines get control groups, one for each hierarchy that systemd
 * uses: the second version's, which freezes, comes first.
 */
export function cgroupRoots(): string[] {
  const unified = mounts().filter(([, , type]) => type === "cgroup2");
  const named = mounts().filter(([, , type, options]) => type === "cgroup" && isNamed(options));
  return [...unified.slice(0, 1), ...named.slice(0, 1)].flatMap(([, folder]) => folder ?? []);
}

/** The fields of each file system that is mounted: source, folder, type, options. */
function mounts(): string[][] {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "));
}

function isNamed(options: string | undefined): boolean {
  return options?.split(",").includes("name=systemd") ?? false;
}

/** The hierarchies of the first version's controllers, which a kubelet sets its pods' limits in. */
export function controllerRoots(): string[] {
  return mounts().flatMap(([, folder = "", type, options]) =>
    type === "cgroup" && !isNamed(options) ? [folder] : [],
  );
}

/** A run's control groups, one for each hierarchy: those that every machine has come first. */
export function runCgroups(id: string): string[] {
  return [...cgroupRoots(), ...controllerRoots()].map((root) =>
    path.join(root, `vmstation-rig-${id}`),
  );
}
