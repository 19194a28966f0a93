import { completeCommands } from "../../kit/advice";
import { Progress } from "../../kit/terminal/progress";
import type { Input } from "./command";
import { Style } from "../../kit/terminal/style";
import { writeJson } from "../../kit/verb/document";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode } from "../../kit/user-error";
import { renderReport, type ValidationReport } from "../../kit/validation-report";
import { runChecks } from "../../kit/run-checks";
import { addAsked } from "./add-check";
import { checkHypervisor } from "./hypervisor";
import { checkCloudflare } from "./tunnel";

const CODES = { pass: EXIT.pass, fail: EXIT.fail, error: EXIT.couldNotRun } as const;

/** `vmstation validate [group…]`: runs the checks that are installed on the control plane, and shows what they found. */
export async function run({ args: [names], options }: Input): Promise<ExitCode> {
  const groups = names.length === 0 || names.includes("all") ? ["all"] : [...new Set(names)];
  const operator = Operator.open(options);
  const progress = new Progress(process.stderr);
  const { name } = operator.controller;
  try {
    progress.set(name, "starts the checks", "the report");
    const onProgress = (done: number, all: number): void => {
      progress.set(name, `${done} of ${all} checked`, "the report");
    };
    const found = await runChecks({ operator, groups, wait: options.wait ?? 0, onProgress });
    const report = await addAsked(found, [
      () => checkHypervisor(operator, groups, options),
      () => checkCloudflare(operator, groups, options),
    ]);
    progress.clear();
    show(operator.stack, report, options);
    return CODES[report.status];
  } finally {
    progress.clear();
    operator.close();
  }
}

function show(stack: string, report: ValidationReport, options: Input["options"]): void {
  if (options.json) {
    writeJson({ version: 1, stack, ...report });
    return;
  }
  const checks = options.failures
    ? report.checks.filter(({ status }) => status !== "pass")
    : report.checks;
  const style = Style.of(process.stdout, process.env);
  const text = renderReport({ ...report, checks }, style);
  process.stdout.write(completeCommands(text, { stack, cwd: options.cwd }));
}
