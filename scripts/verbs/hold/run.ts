import { parseDuration } from "../../../components/shared/units";
import { Options } from "../../kit/options";
import { findSleepers } from "../../kit/controller/machines";
import { PowerController } from "../../kit/controller/power-controller";
import { renderTime } from "../../kit/controller/render-table";
import { worst, writeJson, writeProgress } from "../../kit/controller/results";
import { resultSchema, type Result } from "../../kit/controller/rows";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";

/** `vmstation hold M… --for 3h --why …`: keeps machines awake for so long; `--release` ends it sooner. */
export async function run(input: unknown): Promise<ExitCode> {
  const options = new Options(input);
  const [verb, ...args] = renderOrder(options);
  const operator = Operator.open(options);
  try {
    const machines = findSleepers(operator, options.list("args"));
    if (options.flag("dryRun")) {
      const names = machines.map(({ name }) => name).join(", ");
      process.stdout.write(`would ${verb} ${names}\n`);
      return EXIT.pass;
    }
    const controller = new PowerController(operator, writeProgress);
    const answers = [];
    for (const { name } of machines) {
      answers.push(await controller.call(verb, [name, ...args], resultSchema));
    }
    const results = answers.map(({ value }) => value);
    const { timeZone } = operator.site.config.lan;
    if (options.flag("json")) writeJson({ version: 1, stack: operator.stack, machines: results });
    else process.stdout.write(results.map((result) => renderHolds(result, timeZone)).join(""));
    return worst(answers.map(({ code }) => code));
  } finally {
    operator.close();
  }
}

/** The controller's entry and its arguments after the machine. */
export function renderOrder(options: Options): [verb: "hold" | "release", ...args: string[]] {
  const why = options.optionalText("why");
  const length = options.optionalText("for");
  if (options.flag("release")) {
    if (length !== undefined) throw new UserError("--for and --release exclude each other.");
    return ["release", ...(why === undefined ? [] : [`--why=${why}`])];
  }
  const seconds = length === undefined ? undefined : parseDuration(length);
  if (seconds === undefined || why === undefined || why.trim() === "") {
    throw new UserError("A hold says for how long and why: --for 3h --why 'guests are here'.");
  }
  return ["hold", `--for=${seconds}s`, `--why=${why}`];
}

/** A hold wakes nobody: what the machine is now is said beside it. */
export function renderHolds({ machine, state, holds }: Result, timeZone: string): string {
  const now = Date.now() / 1000;
  const each = holds.map(({ why, until }) => `until ${renderTime(until, now, timeZone)} (${why})`);
  const held = each.length === 0 ? "not held" : `held ${each.join(", ")}`;
  return `${machine}: ${state}, ${held}\n`;
}
