import assert from "node:assert/strict";
import { resolve } from "node:path";
import { loadProject } from "../../../scripts/kit/stack-file/project";
import type {
  Registrar,
  RegistrarContext,
  RegistrarResult,
} from "../../../scripts/engine/registrar";
import type { Registration } from "../../../scripts/engine/registration";
import { run, type RunResult } from "../../../scripts/engine/run";

const PROGRAM = resolve(__dirname, "../../support/fixtures/plan/hooks");

/** Applies nothing, but answers with real ids and outputs, and notes what happened. */
class NotingRegistrar implements Registrar {
  readonly events: string[] = [];

  async register(registration: Registration, context: RegistrarContext): Promise<RegistrarResult> {
    const { name, inputs } = registration;
    await context.runHooks(registration, "beforeCreate", { newInputs: inputs });
    this.events.push(`create ${name}`);
    return { id: `id-of-${name}`, outputs: { ...inputs, stdout: `done ${name}` } };
  }

  async finish(context: RegistrarContext): Promise<void> {
    this.events.push(`finish ${String(context.dryRun)}`);
    await Promise.resolve();
  }
}

async function runHooks(
  dryRun: boolean,
): Promise<{ events: string[]; result: RunResult; output: string }> {
  const registrar = new NotingRegistrar();
  let output = "";
  const result = await run({
    project: loadProject(PROGRAM),
    stack: "lab",
    config: { values: {}, secretKeys: [] },
    registrar,
    dryRun,
    onOutput: (text) => (output += text),
  });
  return { events: registrar.events, result, output };
}

describe("running a program with a registrar of one's own", function () {
  this.timeout(60_000);

  it("gives it ids and outputs, and lets it run the program's hooks before its work", async () => {
    const { events, result, output } = await runHooks(false);
    assert.equal(result.exitCode, 0, result.log.errors.join());
    assert.deepEqual(events, ["create first", "create second", "finish false"]);
    assert.deepEqual(output.trim().split("\n"), [
      "hook first: create=one",
      "always first",
      "hook second: create=done first id-of-first",
      "always second",
    ]);
  });

  it("calls in a dry run only the hooks that ask for it", async () => {
    const { output } = await runHooks(true);
    assert.deepEqual(output.trim().split("\n"), ["always first", "always second"]);
  });

  it("tells the program why a registration failed", async () => {
    const registrar: Registrar = {
      register: ({ name }) => Promise.reject(new Error(`${name} is out of order`)),
    };
    const { exitCode, log } = await run({
      project: loadProject(PROGRAM),
      stack: "lab",
      config: { values: {}, secretKeys: [] },
      registrar,
      dryRun: false,
      onOutput: () => undefined,
    });
    assert.notEqual(exitCode, 0);
    assert.match(log.errors.join(), /first is out of order/);
  });
});
