import { z } from "zod";
import type { Input } from "./command";
import { PowerController } from "../../kit/controller/power-controller";
import { writeProgress } from "../../kit/controller/results";
import { writeJson } from "../../kit/verb/document";
import { stepSchema, type SpinStep } from "../../kit/controller/rows";
import { confirm } from "../../kit/terminal/confirm";
import { findOrder, renderOrder, type SpinOrder } from "../../kit/spin-order";
import { powerOff } from "./power-off";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode } from "../../kit/user-error";
import { renderNext, renderSpunDown } from "./render";

const steps = z.array(stepSchema);

/**
 * `vmstation spin-down`: the whole cluster off, workers first, then storage, the control plane last. Nothing is
 * switched off while somebody uses one of the machines.
 */
export async function run({ options }: Input): Promise<ExitCode> {
  const operator = Operator.open(options);
  try {
    const order = findOrder(operator.site);
    const controller = new PowerController(operator, writeProgress);
    const force = options.evenIfInUse ? ["--even-if-in-use"] : [];
    const looked = await look(controller, order, force);
    const dryRun = options.dryRun;
    if (looked.some(({ done }) => !done)) return report(operator, options, looked, EXIT.fail);
    writeProgress(renderOrder(order, true));
    if (dryRun) return report(operator, options, looked, EXIT.pass);
    const question = `Switch off all machines of the stack ${operator.stack}?`;
    if (!options.yes && !(await confirm({ text: question }))) return EXIT.fail;
    const done = await switchOff(operator, controller, order, force);
    const failed = done.some((step) => !step.done);
    return report(operator, options, done, failed ? EXIT.fail : EXIT.pass);
  } finally {
    operator.close();
  }
}

/** What speaks against it, machine by machine; nothing is changed. */
async function look(
  controller: PowerController,
  order: SpinOrder,
  force: readonly string[],
): Promise<SpinStep[]> {
  if (order.sleepers.length === 0) return [];
  return (await controller.call("spin-down", ["--dry-run", ...force], steps)).value;
}

async function switchOff(
  operator: Operator,
  controller: PowerController,
  order: SpinOrder,
  force: readonly string[],
): Promise<SpinStep[]> {
  const done: SpinStep[] =
    order.sleepers.length === 0 ? [] : (await controller.call("spin-down", force, steps)).value;
  for (const machine of [...order.others, order.controller]) {
    if (done.some((step) => !step.done)) return done;
    writeProgress(renderNext(machine.name));
    done.push(await powerOff(operator, machine));
  }
  return done;
}

function report(
  { stack }: Operator,
  options: Input["options"],
  machines: readonly SpinStep[],
  code: ExitCode,
): ExitCode {
  const dryRun = options.dryRun;
  if (options.json) writeJson({ version: 1, stack, dryRun, machines });
  else process.stdout.write(renderSpunDown(machines, code === EXIT.pass && !dryRun));
  return code;
}
