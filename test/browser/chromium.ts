import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The browser of this computer; undefined where there is none. `CHROMIUM` names another one. */
export function findChromium(): string | undefined {
  const names = process.env.CHROMIUM === undefined ? NAMES : [process.env.CHROMIUM];
  return names.find((name) => spawnSync(name, ["--version"]).status === 0);
}

const answerSchema = z.object({
  id: z.number().optional(),
  result: z.looseObject({}).optional(),
  error: z.object({ message: z.string() }).optional(),
});

type Message = z.infer<typeof answerSchema>;

export interface View {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
  /** Whether pages may run scripts; default: true. */
  readonly scripts?: boolean;
}

/** One page of a real browser, led by the DevTools protocol over a pipe. */
export class Chromium {
  private readonly waiting = new Map<number, (message: Message) => void>();
  private last = 0;
  private sessionId: string | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly input: Writable,
    output: Readable,
    private readonly folder: string,
  ) {
    let rest = "";
    output.setEncoding("utf8").on("data", (text: string) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop() ?? "";
      for (const message of messages) this.take(message);
    });
  }

  static async open(program: string): Promise<Chromium> {
    const folder = mkdtempSync(path.join(tmpdir(), "vmstation-browser-"));
    const args = [
      ...["--headless=new", "--remote-debugging-pipe", `--user-data-dir=${folder}`, "--no-sandbox"],
      ...[
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--hide-scrollbars",
      ],
      ...[
        "--disable-component-update",
        "--disable-sync",
        "--proxy-server=direct://",
        "about:blank",
      ],
    ];
    const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"] as const;
    const child = spawn(program, args, { stdio: [...stdio] });
    const [, , , input, output] = child.stdio;
    const chromium = new Chromium(child, input as Writable, output as Readable, folder);
    const { targetId } = await chromium.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await chromium.send("Target.attachToTarget", { targetId, flatten: true });
    chromium.sessionId = String(sessionId);
    await chromium.send("Page.enable");
    return chromium;
  }

  /** Opens an address as a device of that size does. */
  async visit(url: string, { width, height, dark, scripts }: View): Promise<void> {
    const scheme = { name: "prefers-color-scheme", value: dark === true ? "dark" : "light" };
    await this.send("Emulation.setEmulatedMedia", { features: [scheme] });
    const size = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
    await this.send("Emulation.setDeviceMetricsOverride", size);
    await this.send("Emulation.setScriptExecutionDisabled", { value: scripts === false });
    await this.send("Page.navigate", { url });
  }

  /** What an expression comes to in the page; works where the page itself may run nothing. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.send("Runtime.evaluate", { expression, returnByValue: true });
    return z.object({ value: z.unknown() }).safeParse(answer.result).data?.value;
  }

  /** The page as a PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    return Buffer.from(String(data), "base64");
  }

  async close(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.kill();
    await ended;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.last;
    const answer = new Promise<Message>((resolve) => this.waiting.set(id, resolve));
    const { sessionId } = this;
    this.input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  private take(text: string): void {
    const message = answerSchema.parse(JSON.parse(text));
    if (message.id !== undefined) this.waiting.get(message.id)?.(message);
  }
}
