import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { runCommandLine } from "../../scripts/command-line";
import { capture } from "./capture";

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `vmstation` with these words in this process: the same as in a process of its own, in a fraction of the time. */
export function vmstation(...words: string[]): Promise<Ran> {
  return runWith(runCommandLine, words);
}

/** The same with these variables alone in the environment, as a process of its own would have them. */
export async function vmstationWith(
  env: Readonly<NodeJS.ProcessEnv>,
  ...words: string[]
): Promise<Ran> {
  const before = { ...process.env };
  replaceEnvironment(env);
  try {
    return await vmstation(...words);
  } finally {
    replaceEnvironment(before);
  }
}

/** `vmstation` in a process of its own, for what only a process shows: its streams, and what it passes on to others. */
export function ownProcess(env: Readonly<NodeJS.ProcessEnv>, ...words: string[]): Ran {
  const all = [join(__dirname, "../../scripts/vmstation.cjs"), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, {
    ...{ encoding: "utf8", input: "", env },
  });
  return { status: status ?? -1, stdout, stderr };
}

/** The variables themselves, which what is started here and the system's own look-ups see too. */
function replaceEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, env);
}

/** The same with a copy of the command line. */
export async function runWith(run: typeof runCommandLine, words: readonly string[]): Promise<Ran> {
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    const { stdout, stderr } = await capture(() => run(words));
    return { status: exitCode(), stdout, stderr };
  } finally {
    process.exitCode = before;
  }
}

function exitCode(): number {
  return Number(process.exitCode ?? 0);
}
