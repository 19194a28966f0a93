import { spawn } from "node:child_process";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string | Buffer;
  /** Replaces the environment; the caller's own by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Accept any exit code, and leave the judgement to the caller. */
  readonly anyCode?: boolean;
  /** Let the command write to our own stdout and stderr instead of collecting what it writes. */
  readonly inherit?: boolean;
  /** Milliseconds after which the command is killed, which counts as a failure. */
  readonly timeout?: number;
}

/** The exit code by which a shell reports that a signal ended a command. */
const KILLED = 128;

/** Runs a program to its end. Rejects when it cannot start or, unless `anyCode`, when it fails. */
export function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const output = options.inherit === true ? "inherit" : "pipe";
    const child = spawn(program, args, {
      stdio: ["pipe", output, output],
      env: options.env,
      timeout: options.timeout,
      killSignal: "SIGKILL",
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const result = { code: code ?? KILLED, stdout: stdout(), stderr: stderr() };
      if (result.code === 0 || options.anyCode === true) resolve(result);
      else reject(new CommandError([program, ...args], signal ?? `exit ${result.code}`, result));
    });
    // A command may end without reading all of its input.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input);
  });
}

/** A command that failed, with what it had written. */
export class CommandError extends Error {
  constructor(
    command: readonly string[],
    how: string,
    readonly result: CommandResult,
  ) {
    const output = (result.stderr + result.stdout).trim();
    super(`${command.join(" ")}: ${how}${output === "" ? "" : `\n${output}`}`);
  }
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString("utf8");
}
