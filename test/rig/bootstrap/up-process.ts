import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { z } from "zod";
import { waitFor } from "../wait";

const resultSchema = z.object({
  steps: z.array(
    z.object({ operation: z.string(), name: z.string(), error: z.string().optional() }),
  ),
  errors: z.array(z.string()),
  outputs: z.record(z.string(), z.unknown()),
});

export type UpResult = z.infer<typeof resultSchema> & {
  readonly code: number | null;
  /** What the program and the remote commands wrote. */
  readonly said: string;
  /** Names of the resources that an operation was done to, sorted. */
  names(operation: string): string[];
};

export interface UpArgs {
  readonly folder: string;
  readonly stack: string;
  readonly configFile: string;
  readonly stateFile: string;
  /** Names of resources that are left alone, and with them what needs them. */
  readonly without: readonly string[];
}

/** The runner as a process: it can be waited for, or killed as an engine is that loses its power. */
export class UpProcess {
  said = "";
  private stdout = "";
  private readonly child: ChildProcess;
  private readonly closed: Promise<number | null>;
  private isClosed = false;

  constructor(args: UpArgs) {
    const words = ["--require", "tsx/cjs", path.join(__dirname, "up.ts")];
    // A group of its own: the program that it starts dies with it.
    this.child = spawn(process.execPath, words, { stdio: "pipe", detached: true });
    this.child.stdout?.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on("data", (chunk: Buffer) => (this.said += chunk.toString()));
    this.closed = new Promise((resolve) => {
      this.child.once("close", (code) => {
        this.isClosed = true;
        resolve(code);
      });
    });
    this.child.stdin?.end(JSON.stringify(args));
  }

  /** Waits until it has written that. */
  async says(text: string, timeout = 90_000): Promise<void> {
    await waitFor(
      `"${text}" from an up`,
      () => {
        if (this.isClosed && !this.said.includes(text)) throw new Error(this.said);
        return Promise.resolve(this.said.includes(text));
      },
      timeout,
    );
  }

  get hasEnded(): boolean {
    return this.isClosed;
  }

  async kill(): Promise<void> {
    if (this.child.pid !== undefined && !this.isClosed) process.kill(-this.child.pid, "SIGKILL");
    await this.closed;
  }

  async end(): Promise<UpResult> {
    const code = await this.closed;
    const line = this.stdout.trimEnd().split("\n").at(-1) ?? "";
    if (!line.startsWith("{")) throw new Error(`an up ended with ${String(code)}:\n${this.said}`);
    const result = resultSchema.parse(JSON.parse(line));
    return {
      ...result,
      code,
      said: this.said,
      names: (operation) =>
        result.steps
          .filter((step) => step.operation === operation)
          .map((step) => step.name)
          .sort(),
    };
  }
}
