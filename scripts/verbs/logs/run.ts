import { printable } from "../../kit/terminal/printable";
import { LogStream } from "../../kit/ssh/log-stream";
import { parseSince, renderJournal } from "./render-journal";
import type { Input } from "./command";
import { ask, renderAway } from "../../kit/ssh/ask";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";

/** `vmstation logs M [unit]`: a machine's journal over SSH. A machine that sleeps is not woken for it. */
export async function run({ args: [name, unit], options }: Input): Promise<ExitCode> {
  const { follow, lines } = options;
  const since = parseSince(options.since);
  const operator = Operator.open(options);
  const interruption = new Interruption();
  try {
    const machine = operator.machine(name);
    const stream = new LogStream((text) => process.stdout.write(text));
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
    if (asked.status !== "answered") throw new UserError(renderNoLogs(operator, name, asked));
    const { code, stderr } = asked.answer;
    if (code === 0) return EXIT.pass;
    throw new UserError(`${name}: ${printable(stderr.trim()) || `journalctl ended with ${code}`}`);
  } finally {
    interruption.end();
    operator.close();
  }
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

/** Where the machine's own journal cannot be had, the log server still has what it sent. */
function renderNoLogs(
  { site }: Operator,
  name: string,
  asked: Parameters<typeof renderAway>[0],
): string {
  const away = `${name}: ${printable(renderAway(asked) ?? "")}`;
  const { logServer } = site.config.node;
  const isElsewhere = logServer !== name;
  const archive = isElsewhere
    ? `\nThe lines that it sent are on ${logServer}: vmstation ssh ${logServer} -- sudo ls /var/log/remote/${name}`
    : "";
  return asked.status === "asleep"
    ? `${away}\nTo wake it: vmstation wake ${name}${archive}`
    : `${away}${archive}`;
}
