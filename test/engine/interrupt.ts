import { readdirSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { EngineLab } from "./engine-lab";

/** Who is interrupted, and how. */
export interface Interruption {
  readonly victim: "engine" | "provider" | "program";
  readonly signal: "SIGINT" | "SIGKILL";
  /** The engine's line of output after which it happens. */
  readonly line: number;
}

export interface Interrupted {
  /** The engine's exit code; null where a signal ended it. */
  readonly code: number | null;
  /** Whether the update was still running when its moment came. */
  readonly struck: boolean;
  readonly output: string;
}

/** How a victim is known by its command line. */
const MARKS = {
  provider: /pulumi-resource-command/,
  program: /@pulumi\/pulumi\/cmd\/run/,
} as const;

/** Runs `pulumi up` and interrupts it; resolves when the engine and all that it started have ended. */
export async function interruptUp(
  lab: EngineLab,
  { victim, signal, line }: Interruption,
): Promise<Interrupted> {
  const child = lab.start("up", "--yes", "--skip-preview", "--continue-on-error");
  const engine = child.pid;
  if (engine === undefined) throw new Error("the engine did not start");
  const lines: string[] = [];
  let struck = false;
  const strike = (): void => {
    const found = victim === "engine" ? [engine] : findBelow(engine, MARKS[victim]);
    for (const pid of found) struck = kill(pid, signal) || struck;
  };
  createInterface({ input: child.stdout }).on("line", (text) => {
    lines.push(text);
    if (lines.length === line) strike();
  });
  child.stderr.resume();
  const [code] = (await once(child, "close")) as [number | null];
  // What an engine that was killed leaves behind ends with its process group.
  kill(-engine, "SIGKILL");
  return { code, struck, output: lines.join("\n") };
}

function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** Processes below `root` whose command line fits. */
function findBelow(root: number, mark: RegExp): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const stat = readProc(name, "stat");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    parents.set(Number(name), parent);
  }
  const isBelow = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined && at > 0; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  return [...parents.keys()].filter(
    (pid) => isBelow(pid) && mark.test(readProc(String(pid), "cmdline").replaceAll("\0", " ")),
  );
}

/** Empty for a process that is gone. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
