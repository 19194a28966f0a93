import { printable } from "../terminal/printable";
import { KeyLines } from "../redact/key-lines";
import { Redactor } from "../redact/redact";

/** The lines of a text that ends with a line's end. */
export function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Passes log lines on as they come, without secrets and without what could steer a terminal. */
export class LogStream {
  private readonly decoder = new TextDecoder();
  private readonly redactor = new Redactor();
  private readonly keys = new KeyLines();
  private rest = "";

  constructor(private readonly onText: (text: string) => void) {}

  push(chunk: Uint8Array): void {
    this.rest += this.decoder.decode(chunk, { stream: true });
    const lines = this.rest.split("\n");
    this.rest = lines.pop() ?? "";
    this.pass(lines);
  }

  /** What came without a line's end. */
  end(): void {
    if (this.rest !== "") this.pass([this.rest]);
    this.rest = "";
  }

  private pass(lines: readonly string[]): void {
    const kept = lines.flatMap((line) => this.redactor.redactLine(line, this.keys) ?? []);
    if (kept.length > 0) this.onText(kept.map((line) => `${printable(line)}\n`).join(""));
  }
}
