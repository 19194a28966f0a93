import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { Redactor } from "../redact/redact";

export interface RunCliArgs {
  path: string;
  args: readonly string[];
  folder: string;
  env: NodeJS.ProcessEnv;
  /** Whether what it prints goes to stderr, because stdout is for a document of the caller's. */
  toStderr?: boolean;
  /** Gets what it prints, instead of the terminal; it then cannot ask anything either. */
  onOutput?: (text: string) => void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Starts a program that does not hear the end of its terminal; what it starts does not either. */
const DEAF = ["/bin/sh", "-c", `trap '' HUP; exec "$0" "$@"`] as const;

/**
 * Runs the CLI on this terminal and resolves to its exit code, 128 + n if signal n ended it.
 * Signals are passed on, so that the CLI can cancel in good order; only ^C is not, as a terminal
 * sends it to both, and a second one would end the CLI at once. A terminal that is closed would end
 * it at once as well, with the stack locked: it is told to cancel instead.
 */
export function runCli(run: RunCliArgs): Promise<number> {
  const child = start(run);
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const passOn = (signal: NodeJS.Signals): void => {
    if (signal === "SIGHUP") child.kill("SIGTERM");
    else if (signal !== "SIGINT" || !onTerminal) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, passOn);
  return new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  }).finally(() => {
    for (const signal of SIGNALS) process.off(signal, passOn);
  });
}

function start({ path, args, folder, env, toStderr, onOutput }: RunCliArgs): ChildProcess {
  const [shell, ...start] = DEAF;
  const all = [...start, path, ...args];
  if (onOutput === undefined) {
    const stdout = toStderr === true ? process.stderr : "inherit";
    return spawn(shell, all, { cwd: folder, env, stdio: ["inherit", stdout, "inherit"] });
  }
  const child = spawn(shell, all, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.setEncoding("utf8").on("data", onOutput);
  child.stderr.setEncoding("utf8").on("data", onOutput);
  return child;
}

export interface QuietResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a short command of the CLI without showing it. What it says of its troubles comes without secrets. */
export function runQuietly({ path, args, folder, env }: RunCliArgs): Promise<QuietResult> {
  const child = spawn(path, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code: code ?? 1, stdout, stderr: new Redactor().redact(stderr) });
    });
  });
}
