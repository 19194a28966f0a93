import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** The real port holder, and what stands in for the machine behind it; see port_holder.py. */
export class Holder {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    readonly port: number,
  ) {}

  static async start(page?: object, env: Record<string, string> = {}): Promise<Holder> {
    const script = path.join(__dirname, "../unit/power/python/port_holder.py");
    const args = ["-B", script, ...(page === undefined ? [] : [JSON.stringify(page)])];
    const child = spawn("python3", args, {
      stdio: ["pipe", "pipe", process.env.VERBOSE === undefined ? "ignore" : "inherit"],
      env: { ...process.env, ...env },
    });
    const lines = createInterface({ input: child.stdout });
    const [port] = (await once(lines, "line")) as [string];
    return new Holder(child, Number(port));
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  tell(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.stdin.end();
    await ended;
  }
}
