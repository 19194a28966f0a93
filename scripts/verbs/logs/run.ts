import { writeJson } from "../../kit/verb/document";
import { linesOf, LogStream } from "../../kit/ssh/log-stream";
import { parseSince, renderJournal } from "./render-journal";
import type { Input } from "./command";
import { ask } from "../../kit/ssh/ask";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import { renderFailed, renderNoLogs } from "./render";

/** `vmstation logs M [unit]`: a machine's journal over SSH. A machine that sleeps is not woken for it. */
export async function run({ args: [name, unit], options }: Input): Promise<ExitCode> {
  const { follow, lines } = options;
  const since = parseSince(options.since);
  const operator = Operator.open(options);
  const interruption = new Interruption();
  let said = "";
  try {
    const machine = operator.machine(name);
    const stream = new LogStream(options.json ? (text) => (said += text) : write);
    const asked = await ask(operator, machine, {
      command: "sudo -n sh -eus",
      input: renderJournal({ unit, since, lines, follow }),
      signal: interruption.signal,
      onOutput: (chunk) => {
        stream.push(chunk);
      },
    });
    stream.end();
    // Who follows a journal ends it so.
    if (interruption.signal.aborted) return EXIT.pass;
    if (asked.status !== "answered") {
      throw new UserError(
        renderNoLogs(operator.stack, name, operator.site.config.node.logServer, asked),
      );
    }
    const { code, stderr } = asked.answer;
    if (code === 0) {
      const { stack } = operator;
      if (options.json) {
        writeJson({ version: 1, stack, machine: name, unit: unit ?? null, lines: linesOf(said) });
      }
      return EXIT.pass;
    }
    throw new UserError(renderFailed(name, code, stderr));
  } finally {
    interruption.end();
    operator.close();
  }
}

function write(text: string): void {
  process.stdout.write(text);
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ends the session in good order where the person does, so that nothing goes on over there. */
class Interruption {
  private readonly controller = new AbortController();
  private readonly abort = (): void => {
    this.controller.abort();
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.abort);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  end(): void {
    for (const signal of SIGNALS) process.off(signal, this.abort);
  }
}
