import { RUN } from "../../../components/remote/render-stdin";
import { renderLogScript, runName } from "./log-request";
import { writeJson } from "../../kit/verb/document";
import { linesOf, LogStream } from "../../kit/ssh/log-stream";
import { methodOfSite } from "../../kit/cluster-args";
import type { Input } from "./command";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";

/** What log.sh ends with where there has been no such run. */
const NEVER = 3;

/** `vmstation bootstrap log`: the whole log of the last run, or of the one that is going on. */
export async function run({ options }: Input): Promise<ExitCode> {
  const { lines, follow } = options;
  const operator = Operator.open(options);
  try {
    const { first, site } = operator;
    const name = options.machine;
    const machine = name === undefined ? first : operator.machine(name);
    const { runs } = methodOfSite(site);
    const request = runName(runs, machine.name === first.name, options.install);
    let said = "";
    const shown = new LogStream((text) => {
      if (options.json) said += text;
      else process.stdout.write(text);
    });
    const { code, stderr } = await operator.run(machine, {
      command: RUN,
      input: renderLogScript({ run: request, lines, follow }),
      onOutput: (chunk) => {
        shown.push(chunk);
      },
      onError: (chunk) => process.stderr.write(chunk),
    });
    shown.end();
    if (code === 0) {
      const log = { version: 1, stack: operator.stack, machine: machine.name, run: request };
      if (options.json) writeJson({ ...log, lines: linesOf(said) });
      return EXIT.pass;
    }
    if (code === NEVER) throw new UserError(`${machine.name} has no log of ${request}.`);
    throw new UserError(`The log of ${machine.name} cannot be read: ${stderr.trim()}`);
  } finally {
    operator.close();
  }
}
