import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** Where a person is asked. */
export interface PromptStreams {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
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
    this.terminal.setPrompt(question);
    // A file of answers may be at its end before all lines are used: Node 24 then refuses a prompt.
    if (this.isClosed) this.output.write(question);
    else this.terminal.prompt();
    const next = await this.lines.next();
    return next.done === true ? undefined : next.value.trim();
  }

  close(): void {
    this.terminal.close();
  }
}
