import { closest } from "fastest-levenshtein";
import { parseDuration } from "../../../components/shared/units";
import { Progress } from "../../kit/terminal/progress";
import { Options } from "../../kit/options";
import { Style } from "../../kit/terminal/style";
import { writeJson } from "../../kit/controller/results";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import { GROUPS, renderReport, type ValidationReport } from "../../kit/validation-report";
import { runChecks } from "./run-checks";

const CODES = { pass: EXIT.pass, fail: EXIT.fail, error: EXIT.couldNotRun } as const;

/** `vmstation validate [group…]`: runs the checks that are installed on the control plane, and shows what they found. */
export async function run(input: unknown): Promise<ExitCode> {
  const options = new Options(input);
  const groups = parseGroups(options.list("args"));
  const wait = parseWait(options.optionalText("wait"));
  const operator = Operator.open(options);
  const progress = new Progress(process.stderr);
  const { name } = operator.controller;
  try {
    progress.set(name, "begins to look");
    const onProgress = (done: number, all: number): void => {
      progress.set(name, `has looked at ${done} of ${all}`);
    };
    const report = await runChecks({ operator, groups, wait, onProgress });
    progress.clear();
    show(operator.stack, report, options);
    return CODES[report.status];
  } finally {
    progress.clear();
    operator.close();
  }
}

function show(stack: string, report: ValidationReport, options: Options): void {
  if (options.flag("json")) {
    writeJson({ version: 1, stack, ...report });
    return;
  }
  const checks = options.flag("failures")
    ? report.checks.filter(({ status }) => status !== "pass")
    : report.checks;
  const style = Style.of(process.stdout, process.env);
  process.stdout.write(renderReport({ ...report, checks }, style));
}

/** The groups that were asked for; refuses one that there is not. All where none is named. */
export function parseGroups(words: readonly string[]): string[] {
  const known: readonly string[] = [...GROUPS, "all"];
  for (const word of words) {
    if (known.includes(word)) continue;
    throw new UserError(
      `There is no group ${word}; did you mean ${closest(word, known)}? Groups: ${known.join(", ")}.`,
    );
  }
  return words.length === 0 || words.includes("all") ? ["all"] : [...new Set(words)];
}

function parseWait(text: string | undefined): number {
  if (text === undefined) return 0;
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new UserError(`--wait ${text}: a duration such as 5m or 90s.`);
  return seconds;
}
