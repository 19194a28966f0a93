import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { currentRun, runCgroups } from "../../rig/run-context";

/**
 * CPU seconds that this process's ended children and the rig's machines have used: what a shared host leaves
 * comparable when it is busy with other things. What has left its parent behind, such as Ansible's open SSH
 * connections, is missing.
 */
export function readCpuTime(): number {
  return childrenTime() + machinesTime();
}

/** proc(5): fields 16 and 17 of stat, in clock ticks; the command's name before them may hold spaces. */
function childrenTime(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / TICKS;
}

const TICKS = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** The second version of control groups counts without any controller. */
function machinesTime(): number {
  const run = currentRun();
  const [unified] = run === undefined ? [] : runCgroups(run.id);
  if (unified === undefined) throw new Error("the machines have no control group");
  const usage = /^usage_usec (\d+)$/m.exec(readFileSync(path.join(unified, "cpu.stat"), "utf8"));
  return Number(usage?.[1]) / 1e6;
}
