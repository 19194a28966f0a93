import { spawn } from "node:child_process";

export interface FetchCliArgs {
  /** The npm package's launcher. */
  launcher: string;
  env: Readonly<Record<string, string | undefined>>;
  onWaiting: () => void;
  /** Milliseconds without a sign of progress after which it is given up. */
  stallLimit?: number;
  /** Milliseconds after which the user is told what is going on. */
  patience?: number;
}

/** An installer that downloads reports its progress every second. */
const STALL_LIMIT = 20_000;
const PATIENCE = 2_000;

/**
 * Lets the npm package fetch the CLI, without output, and gives up when no more data arrives. Resolves
 * to undefined, or to a short reason why it failed.
 */
export function fetchCli(args: FetchCliArgs): Promise<string | undefined> {
  const { launcher, env, onWaiting, stallLimit = STALL_LIMIT, patience = PATIENCE } = args;
  // A group of its own, so that the installer's children end with it.
  const child = spawn(process.execPath, [launcher, "version"], {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let lastLine = "";
  let stalled = false;
  const stop = (): void => {
    stalled = true;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  const stall = setTimeout(stop, stallLimit);
  const waiting = setTimeout(onWaiting, patience);
  const progress = (text: string): void => {
    stall.refresh();
    lastLine = text.trim().split("\n").at(-1)?.trim() ?? lastLine;
  };
  child.stdout.setEncoding("utf8").on("data", progress);
  child.stderr.setEncoding("utf8").on("data", progress);
  return new Promise((resolve) => {
    const finish = (failure: string | undefined): void => {
      clearTimeout(stall);
      clearTimeout(waiting);
      resolve(failure);
    };
    child.on("error", (error) => {
      finish(error.message);
    });
    child.on("close", (code) => {
      if (code === 0) finish(undefined);
      else finish(stalled ? "the download stalled" : lastLine.replace(/^pulumi: /, ""));
    });
  });
}
