import type { Input } from "./command";
import { findSleepers } from "../../kit/controller/machines";
import { PowerController } from "../../kit/controller/power-controller";
import { renderRelease, worst, writeProgress } from "../../kit/controller/results";
import { writeJson } from "../../kit/verb/document";
import { resultSchema, type Result } from "../../kit/controller/rows";
import { Operator } from "../../kit/ssh/operator";
import type { ExitCode } from "../../kit/user-error";
import { renderSleep } from "./render";

/** `vmstation sleep M…`: to sleep now, by the controller's own safe path; what is in use stays awake. */
export async function run({ args: [names], options }: Input): Promise<ExitCode> {
  const operator = Operator.open(options);
  try {
    const machines = findSleepers(operator, names);
    const controller = new PowerController(operator, writeProgress);
    const dryRun = options.dryRun;
    const results: Result[] = [];
    const codes: ExitCode[] = [];
    for (const { name } of machines) {
      const args = [name, ...(dryRun ? ["--dry-run"] : [])];
      const { code, value } = await controller.call("sleep", args, resultSchema);
      results.push(value);
      codes.push(code);
    }
    if (options.json) writeJson({ version: 1, stack: operator.stack, dryRun, machines: results });
    else process.stdout.write(renderSleep(results, dryRun));
    process.stderr.write(renderRelease(operator.stack, results));
    return worst(codes);
  } finally {
    operator.close();
  }
}
