import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** One process to measure, from its start to its end. */
export interface Probe {
  command: string;
  args: readonly string[];
  folder: string;
  env?: Readonly<Record<string, string>>;
}

export interface Measurement {
  /** Wall time in milliseconds. */
  time: number;
  /** Most resident memory at once, in bytes; zeros where there is no /proc. */
  memory: Memory;
}

export interface Memory {
  /** Of the process and its descendants together. */
  all: number;
  /** Of the largest of them. */
  largest: number;
}

/** How often memory is looked at, in milliseconds. */
const SAMPLING = 100;

/** Runs a process and measures it; rejects with what it said if it fails. */
export function measure({ command, args, folder, env }: Probe): Promise<Measurement> {
  const start = performance.now();
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let memory: Memory = { all: 0, largest: 0 };
  const sample = (): void => {
    if (child.pid !== undefined) memory = mostOf([memory, treeMemory(child.pid)]);
  };
  const sampling = setInterval(sample, SAMPLING);
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise<Measurement>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve({ time: performance.now() - start, memory });
      else reject(new Error(`${command} ${args.join(" ")} ended with ${String(code)}:\n${said}`));
    });
  }).finally(() => {
    clearInterval(sampling);
  });
}

/**
 * Runs the probes in turn, `rounds` times, so that a slow moment hits all alike. Each probe's result
 * is its least disturbed run.
 */
export async function measureInTurn(probes: Probe[], rounds: number): Promise<Measurement[]> {
  const results = probes.map((): Measurement[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, probe] of probes.entries()) results[index]?.push(await measure(probe));
  }
  return results.map((measurements) => ({
    time: Math.min(...measurements.map(({ time }) => time)),
    memory: mostOf(measurements.map(({ memory }) => memory)),
  }));
}

function mostOf(memories: Memory[]): Memory {
  return {
    all: Math.max(...memories.map(({ all }) => all)),
    largest: Math.max(...memories.map(({ largest }) => largest)),
  };
}

function treeMemory(root: number): Memory {
  const processes = readProcesses();
  const tree = new Set([root]);
  for (let size = 0; size < tree.size;) {
    size = tree.size;
    for (const { pid, parent } of processes) if (tree.has(parent)) tree.add(pid);
  }
  const sizes = processes.filter(({ pid }) => tree.has(pid)).map(({ memory }) => memory);
  return { all: sizes.reduce((sum, size) => sum + size, 0), largest: Math.max(0, ...sizes) };
}

interface ProcessMemory {
  pid: number;
  parent: number;
  memory: number;
}

function readProcesses(): ProcessMemory[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)));
}

/** Processes that ended meanwhile are left out. */
function readProcess(pid: number): ProcessMemory[] {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
    const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
    const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    return [{ pid, parent, memory: kilobytes * 1024 }];
  } catch {
    return [];
  }
}
