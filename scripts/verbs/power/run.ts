import { z } from "zod";
import type { Input } from "./command";
import { findSleepers } from "../../kit/controller/machines";
import { PowerController } from "../../kit/controller/power-controller";
import { renderTable } from "../../kit/controller/render-table";
import { renderRelease, worst, writeProgress } from "../../kit/controller/results";
import { writeJson } from "../../kit/verb/document";
import { resultSchema, rowSchema, type Result } from "../../kit/controller/rows";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import { renderSpunDown, renderTest } from "./render";

/** `vmstation power`: what state the machines are in, and why; `vmstation power test M`: a wake test now. */
export async function run({ args: [action, names], options }: Input): Promise<ExitCode> {
  const operator = Operator.open(options);
  try {
    return await (action === "test" ? test(operator, names, options) : show(operator, options));
  } finally {
    operator.close();
  }
}

async function show(operator: Operator, options: Input["options"]): Promise<ExitCode> {
  const { stack, site } = operator;
  const controller = new PowerController(operator, writeProgress);
  const { code, value: machines } = await controller.call("power-state", [], z.array(rowSchema));
  if (options.json) writeJson({ version: 1, stack, machines });
  else {
    const { timeZone } = site.config.lan;
    const args = { now: Date.now() / 1000, timeZone, columns: process.stdout.columns };
    process.stdout.write(
      renderTable(site.machines, machines, args) + renderSpunDown(stack, machines),
    );
  }
  return code;
}

async function test(
  operator: Operator,
  names: readonly string[],
  options: Input["options"],
): Promise<ExitCode> {
  if (names.length === 0)
    throw new UserError("Name the machine to test: vmstation power test MACHINE");
  const machines = findSleepers(operator, names);
  const controller = new PowerController(operator, writeProgress);
  const codes: ExitCode[] = [];
  const results: Result[] = [];
  // Everything that prevents a sleep prevents the test.
  const dryRun = options.dryRun;
  const order = (name: string): [string, string[]] =>
    dryRun ? ["sleep", [name, "--dry-run"]] : ["power-test", [name]];
  for (const { name } of machines) {
    const { code, value } = await controller.call(...order(name), resultSchema);
    codes.push(code);
    results.push(value);
  }
  const { stack } = operator;
  if (options.json) writeJson({ version: 1, stack, dryRun, machines: results });
  else process.stdout.write(renderTest(results, dryRun));
  process.stderr.write(renderRelease(stack, results));
  return codes.length === 0 ? EXIT.pass : worst(codes);
}
