import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** Where a person is asked. */
export interface PromptStreams {
  readonly input: Readable & { readonly isTTY?: boolean };
  /** Its width, where it is a terminal's. */
  readonly output: Writable & { readonly columns?: number };
}

/** The person who called the program. Questions go to stderr: stdout belongs to a verb's result. */
export function ownTerminal(): PromptStreams {
  return { input: process.stdin, output: process.stderr };
}

/** Asks questions one after the other. The answers may be typed, or come as lines from a pipe. */
export class Prompt {
  private readonly terminal: Interface;
  private readonly lines: AsyncIterator<string>;
  private readonly output: Writable;

  private isClosed = false;

  constructor({ input, output }: PromptStreams) {
    this.output = output;
    this.terminal = createInterface({ input, output });
    this.terminal.once("close", () => (this.isClosed = true));
    // Not terminal.question: it loses lines that arrive between two questions, and throws after Ctrl-C.
    this.lines = this.terminal[Symbol.asyncIterator]();
  }

  /** The answer without blanks around it; undefined after Ctrl-C, Ctrl-D or the end of the input. */
  async ask(question: string): Promise<string | undefined> {
    const last = question.lastIndexOf("\n") + 1;
    this.output.write(question.slice(0, last));
    this.terminal.setPrompt(question.slice(last));
    // A file of answers may be at its end before all lines are used: Node 24 then refuses a prompt.
    if (this.isClosed) this.output.write(question.slice(last));
    else this.terminal.prompt();
    const next = await this.lines.next();
    return next.done === true ? undefined : next.value.trim();
  }

  close(): void {
    this.terminal.close();
  }
}
