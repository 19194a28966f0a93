import { SKIP_VARIABLE, currentRun } from "./run-context";
import { startRig, type Rig, type RigOptions } from "./rig";

/** For a mocha `before`: leaves the suite's tests pending where there is no rig to run them on. */
export function requireRig(context: Mocha.Context): void {
  if (currentRun() !== undefined) return;
  // run.ts has said why already where it found that the rig cannot run.
  if (process.env[SKIP_VARIABLE] === undefined)
    console.log("    pending: the rig runs by `npm run test:rig`");
  context.skip();
}

/** Gives a mocha suite a rig of its own, and returns how its tests and hooks get at it. */
export function useRig(options?: RigOptions): () => Rig {
  let rig: Rig | undefined;

  before(async function () {
    requireRig(this);
    rig = await startRig(options);
  });

  after(async () => {
    await rig?.stop();
    rig = undefined;
  });

  return () => {
    if (rig === undefined) throw new Error("the rig is not on");
    return rig;
  };
}
