import { z } from "zod";
import { setTimeout as pause } from "node:timers/promises";
import { answers } from "../../../components/remote/look-by-ssh";
import type { Input } from "./command";
import { ControllerAway, PowerController } from "../../kit/controller/power-controller";
import { writeProgress } from "../../kit/controller/results";
import { writeJson } from "../../kit/verb/document";
import { stepSchema, type SpinStep } from "../../kit/controller/rows";
import { confirm } from "../../kit/terminal/confirm";
import {
  findOrder,
  listUp,
  renderOrder,
  type SpinMachine,
  type SpinOrder,
} from "../../kit/spin-order";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode } from "../../kit/user-error";
import { chooseSender, wakeDirectly } from "../../kit/wake/direct";
import { renderPressButton, renderSpunUp } from "./render";

/** A server's own tests of its memory may take minutes before it boots; seconds. */
const PATIENCE = 900;

/** Seconds from the first answer of a machine's sshd until it lets people in, at most. */
const LOGIN = 120;

/** `vmstation spin-up`: the whole cluster on: the control plane, then storage, then workers with their workloads. */
export async function run({ options }: Input): Promise<ExitCode> {
  const operator = Operator.open(options);
  try {
    const order = findOrder(operator.site);
    writeProgress(renderOrder(order, false));
    const { stack } = operator;
    if (options.dryRun) {
      if (options.json) writeJson({ version: 1, stack, machines: listUp(order) });
      return EXIT.pass;
    }
    const question = `Switch on all machines of the stack ${stack}?`;
    if (!options.yes && !(await confirm({ text: question }))) return EXIT.fail;
    const machines = await switchOn(operator, order);
    if (options.json) writeJson({ version: 1, stack, machines });
    else process.stdout.write(renderSpunUp(machines));
    return machines.every(({ done }) => done) ? EXIT.pass : EXIT.fail;
  } finally {
    operator.close();
  }
}

async function switchOn(operator: Operator, order: SpinOrder): Promise<SpinStep[]> {
  const done: SpinStep[] = [];
  const up: SpinMachine[] = [];
  for (const machine of [order.controller, ...[...order.others].reverse()]) {
    const why = await awaitUp(operator, machine, up);
    done.push({ machine: machine.name, done: why.length === 0, why });
    if (why.length > 0 && machine === order.controller) return done;
    if (why.length === 0) up.push(machine);
  }
  if (order.sleepers.length === 0) return done;
  return [...done, ...(await wakeSleepers(new PowerController(operator, writeProgress)))];
}

/** While a machine boots, its sshd answers before it lets anybody but root in (pam_nologin). */
async function wakeSleepers(controller: Pick<PowerController, "call">): Promise<SpinStep[]> {
  const deadline = performance.now() + LOGIN * 1000;
  for (;;) {
    try {
      return (await controller.call("spin-up", [], z.array(stepSchema))).value;
    } catch (error) {
      const waits =
        error instanceof ControllerAway && !error.reachable && performance.now() < deadline;
      if (!waits) throw error;
    }
    await pause(2000);
  }
}

/** Why the machine is not up; nothing where its SSH answers. `up`: those that can send a packet from the LAN. */
async function awaitUp(
  { site }: Operator,
  machine: SpinMachine,
  up: readonly SpinMachine[],
): Promise<string[]> {
  const { lan } = site.config;
  const { name, address, sshPort, mac } = machine;
  if (await answers(machine, 2000)) return [];
  if (mac !== undefined) {
    return wakeDirectly({
      ...{ machine, broadcast: lan.broadcast, patience: PATIENCE, wait: true },
      ...{ send: chooseSender(lan, up), onProgress: writeProgress },
    });
  }
  writeProgress(renderPressButton(name));
  const deadline = performance.now() + PATIENCE * 1000;
  while (performance.now() < deadline) {
    if (await answers(machine, 2000)) return [];
    await pause(1000);
  }
  return [`no SSH at ${address}:${sshPort} within ${PATIENCE} s`];
}
