import type { Input } from "./command";
import { findSleepers } from "../../kit/controller/machines";
import { PowerController } from "../../kit/controller/power-controller";
import { worst, writeProgress } from "../../kit/controller/results";
import { writeJson } from "../../kit/verb/document";
import { resultSchema } from "../../kit/controller/rows";
import { renderDryRun, renderHolds } from "./render";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";

/** `vmstation hold M… --for 3h --why …`: keeps machines awake for so long; `--release` ends it sooner. */
export async function run({ args: [names], options }: Input): Promise<ExitCode> {
  const [verb, ...args] = renderOrder(options);
  const operator = Operator.open(options);
  try {
    const machines = findSleepers(operator, names);
    if (options.dryRun) {
      const { stack } = operator;
      const would = machines.map(({ name }) => ({ machine: name, would: verb }));
      if (options.json) writeJson({ version: 1, stack, dryRun: true, machines: would });
      else process.stdout.write(renderDryRun(verb, machines));
      return EXIT.pass;
    }
    const controller = new PowerController(operator, writeProgress);
    const answers = [];
    for (const { name } of machines) {
      answers.push(await controller.call(verb, [name, ...args], resultSchema));
    }
    const results = answers.map(({ value }) => value);
    const { timeZone } = operator.site.config.lan;
    if (options.json) writeJson({ version: 1, stack: operator.stack, machines: results });
    else process.stdout.write(results.map((result) => renderHolds(result, timeZone)).join(""));
    return worst(answers.map(({ code }) => code));
  } finally {
    operator.close();
  }
}

/** The controller's entry and its arguments after the machine. */
export function renderOrder(
  options: Pick<Input["options"], "for" | "why" | "release">,
): [verb: "hold" | "release", ...args: string[]] {
  const { for: seconds, why } = options;
  if (options.release) {
    return ["release", ...(why === undefined ? [] : [`--why=${why}`])];
  }
  if (seconds === undefined || why === undefined) {
    throw new UserError("A hold needs a length and a reason: --for 3h --why 'guests are here'.");
  }
  return ["hold", `--for=${seconds}s`, `--why=${why}`];
}
