import { userInfo } from "node:os";
import { Options } from "./options";
import { refuseOffline } from "./power/machines";
import { renderResults, worst, writeJson, writeProgress } from "./power/results";
import { Operator } from "./ssh/operator";
import type { ExitCode } from "./user-error";
import { Waker, type Woken } from "./wake/waker";

/** `vmstation wake M…`: by way of the power controller; where there is none to ask, by magic packets alone. */
export async function run(input: unknown): Promise<ExitCode> {
  const options = new Options(input);
  // commander turns --no-wait into this.
  const wait = options.flag("wait");
  const operator = Operator.open(options);
  try {
    const machines = options.list("args").map((name) => operator.machine(name));
    machines.forEach(refuseOffline);
    const why = `${userInfo().username} by hand`;
    const waker = new Waker({ operator, why, wait, onProgress: writeProgress });
    const woken = await Promise.all(machines.map((machine) => waker.wake(machine)));
    const { stack } = operator;
    if (options.flag("json")) writeJson({ version: 1, stack, waited: wait, machines: woken });
    else process.stdout.write(renderResults(woken, (name) => renderWoken(name, woken, wait)));
    return worst(woken.map(({ code }) => code));
  } finally {
    operator.close();
  }
}

function renderWoken(name: string, woken: readonly Woken[], wait: boolean): string {
  const found = woken.find(({ machine }) => machine === name);
  if (!wait) return "a magic packet is on its way, unless it was up";
  const seconds = Math.round(found?.seconds ?? 0);
  const how = found?.by === "controller" ? "awake and in service" : "its SSH answers";
  return `${how} after ${seconds} s`;
}
