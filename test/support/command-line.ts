import { runCommandLine } from "../../scripts/command-line";
import { capture } from "./capture";

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `vmstation` with these words in this process: the same as in a process of its own, in a fraction of the time. */
export async function vmstation(...words: string[]): Promise<Ran> {
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    const { stdout, stderr } = await capture(() => runCommandLine(words));
    return { status: exitCode(), stdout, stderr };
  } finally {
    process.exitCode = before;
  }
}

function exitCode(): number {
  return Number(process.exitCode ?? 0);
}
