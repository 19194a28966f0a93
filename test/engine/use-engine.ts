import path from "node:path";
import type { Rig } from "../rig/rig";
import { useRig } from "../rig/use-rig";
import { EngineLab, type EngineLabArgs } from "./engine-lab";
import { findEngine } from "./find-engine";

const CONFIG = path.join(__dirname, "../rig/Pulumi.rig.yaml");

/** For a mocha `before`: a stack in the hands of the engine, or pending tests where there is none. */
export async function openLab(
  context: Mocha.Context,
  args: Omit<EngineLabArgs, "engine">,
): Promise<EngineLab> {
  const engine = await findEngine(process.env);
  if (!("missing" in engine)) return EngineLab.open({ ...args, engine });
  console.log(`    skipped: ${engine.missing}`);
  context.skip();
}

/** Gives a mocha suite the rig, and its stack in the hands of the engine. */
export function useEngine(): { rig: () => Rig; lab: () => EngineLab } {
  let lab: EngineLab | undefined;
  const rig = useRig();

  before(async function () {
    const { agentSocket, machines } = rig();
    lab = await openLab(this, {
      ...{ stack: "rig", configFile: CONFIG, env: { SSH_AUTH_SOCK: agentSocket } },
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
