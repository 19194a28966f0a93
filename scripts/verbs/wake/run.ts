import { userInfo } from "node:os";
import { answers } from "../../../components/remote/look-by-ssh";
import type { Input } from "./command";
import { refuseOffline } from "../../kit/controller/machines";
import { worst } from "../../kit/controller/results";
import { writeJson } from "../../kit/verb/document";
import { Operator } from "../../kit/ssh/operator";
import { Progress } from "../../kit/terminal/progress";
import { EXIT, type ExitCode } from "../../kit/user-error";
import { Waker } from "../../kit/wake/waker";
import { renderLook, renderWoken } from "./render";

/** How long one look at an SSH port may take, in milliseconds. */
const LOOK = 2000;

/** `vmstation wake M…`: through the power controller, or by magic packets alone if it cannot be asked. */
export async function run({ args: [names], options }: Input): Promise<ExitCode> {
  // commander turns --no-wait into this.
  const wait = options.wait;
  const operator = Operator.open(options);
  const progress = new Progress(process.stderr);
  try {
    const machines = names.map((name) => operator.machine(name));
    machines.forEach(refuseOffline);
    if (options.dryRun) return await show(operator.stack, machines, options.json);
    const why = `manually by ${userInfo().username}`;
    const onProgress = (text: string): void => {
      progress.say(text);
    };
    const waker = new Waker({ operator, why, wait, onProgress });
    const woken = await Promise.all(
      machines.map(async (machine) => {
        const next = machine.sleeps ? "its node is Ready" : "its SSH answers";
        progress.set(machine.name, waker.describe(machine), wait ? next : "");
        const one = await waker.wake(machine);
        progress.done(machine.name, one.done ? "is awake" : "did not wake");
        return one;
      }),
    );
    progress.clear();
    const { stack } = operator;
    if (options.json) writeJson({ version: 1, stack, waited: wait, machines: woken });
    else process.stdout.write(renderWoken(woken, wait));
    return worst(woken.map(({ code }) => code));
  } finally {
    progress.clear();
    operator.close();
  }
}

/** Which of them sleep; nothing is sent. */
async function show(
  stack: string,
  machines: readonly ReturnType<Operator["machine"]>[],
  json: boolean,
): Promise<ExitCode> {
  const looked = await Promise.all(
    machines.map(async (machine) => {
      return { machine: machine.name, answers: await answers(machine, LOOK) };
    }),
  );
  if (json) writeJson({ version: 1, stack, dryRun: true, machines: looked });
  else process.stdout.write(looked.map(renderLook).join(""));
  return EXIT.pass;
}
