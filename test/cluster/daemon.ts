import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export interface DaemonArgs {
  /** The cluster's folder: working directory, HOME, log. */
  readonly folder: string;
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  /** The network namespace's file; default: the caller's own. */
  readonly namespace?: string | undefined;
  /** Variables beside PATH and HOME. */
  readonly env?: NodeJS.ProcessEnv;
  /** Words that start the program, such as `unshare --mount`. */
  readonly through?: readonly string[];
}

/** One of a cluster's programs, which the kernel ends with this process. */
export class Daemon {
  readonly name: string;
  private readonly log: string;
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor({ folder, program, args, namespace, env, through = [] }: DaemonArgs) {
    this.name = path.basename(program);
    this.log = path.join(folder, `${this.name}.log`);
    const output = openSync(this.log, "a");
    const lock = ["flock", "--no-fork", "--shared", folder];
    const place = namespace === undefined ? [] : ["nsenter", `--net=${namespace}`];
    const words = [...place, ...lock, ...through, program, ...args];
    this.child = spawn("setpriv", ["--pdeathsig", "KILL", ...words], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...env },
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    // One promise for both ends of it: a program that cannot start never exits.
    this.ended = Promise.race([once(this.child, "exit"), once(this.child, "error")]).catch(
      (error: unknown) => error,
    );
  }

  /** Its number; undefined where it could not start. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Throws, with the log's end, when the program has ended. */
  assertRunning(): void {
    if (this.child.pid !== undefined && this.child.exitCode === null && !this.child.signalCode)
      return;
    throw new Error(`${this.name} ended:\n${this.tail()}`);
  }

  /** The last lines of what it wrote. */
  tail(lines = 15): string {
    return readFileSync(this.log, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  }

  /** Lets it stand still, as when its disk does not answer, or go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.child.kill(signal);
  }

  /** Ends it at once: nothing of a throwaway cluster is worth saving. */
  async stop(): Promise<void> {
    if (this.child.pid !== undefined) this.child.kill("SIGKILL");
    await Promise.race([this.ended, delay(10_000, undefined, { ref: false })]);
  }
}
