import path from "node:path";
import { isExecutable } from "../../scripts/kit/pulumi/find-cli";
import type { Rig } from "../rig/rig";
import { useRig } from "../rig/use-rig";
import { EngineLab, type EngineLabArgs } from "./engine-lab";
import { type Engine, findEngine } from "./find-engine";

const CONFIG = path.join(__dirname, "../rig/Pulumi.rig.yaml");

/** For a mocha `before`: a stack in the hands of the engine, or pending tests where there is none. */
export async function openLab(
  context: Mocha.Context,
  args: Omit<EngineLabArgs, "engine">,
): Promise<EngineLab> {
  return EngineLab.open({ ...args, engine: await requireEngine(context) });
}

/** Leaves a suite's tests pending where there is no engine, and says what of it is missing. */
export async function requireEngine(context: Mocha.Context): Promise<Engine> {
  const engine = await findEngine(process.env);
  if (!("missing" in engine)) return engine;
  console.log(`    skipped: ${engine.missing}`);
  context.skip();
}

/** The same where another provider's plugin is needed, which few have. */
export async function requireProvider(context: Mocha.Context, name: string): Promise<void> {
  const { cli } = await requireEngine(context);
  const folders = [path.dirname(cli), ...(process.env.PATH ?? "").split(path.delimiter)];
  const program = `pulumi-resource-${name}`;
  if (folders.some((folder) => isExecutable(path.join(folder, program)))) return;
  console.log(`    skipped: the provider plugin ${name} is not on PATH`);
  context.skip();
}

/** Gives a mocha suite the rig, and its stack in the hands of the engine. */
export function useEngine(program?: string): { rig: () => Rig; lab: () => EngineLab } {
  let lab: EngineLab | undefined;

  // Without an engine no machine need be made.
  before(async function () {
    await requireEngine(this);
  });
  const rig = useRig();

  before(async function () {
    const { machines } = rig();
    lab = await openLab(this, {
      // No agent: a suite says itself what is logged in with.
      ...{ stack: "rig", configFile: CONFIG, env: { SSH_AUTH_SOCK: "" } },
      ...(program === undefined ? {} : { program }),
      settings: machines.map((m) => `machines.${m.name}.hostKey=${m.hostKey}`),
    });
  });
  after(() => {
    lab?.remove();
    lab = undefined;
  });

  return {
    rig,
    lab: () => {
      if (lab === undefined) throw new Error("there is no engine");
      return lab;
    },
  };
}
