import { requireRig } from "../rig/use-rig";
import { isBuilt } from "./parts/modules";
import { RunningReal, type Real, type RealOptions } from "./running-real";

/** By which run.ts tells the suites why nothing could be built. */
export const SKIP_VARIABLE = "VMSTATION_REAL_SKIP";

/** Gives a mocha suite machines that can run pods, a mirror and a lab, and returns how its tests get at them. */
export function useReal(options: RealOptions = {}): () => Real {
  let real: RunningReal | undefined;

  before(async function () {
    requireRig(this);
    if (process.env[SKIP_VARIABLE] !== undefined || !isBuilt()) this.skip();
    real = await RunningReal.start(options);
  });

  // What the cluster says of itself, where that is of use.
  afterEach(async function () {
    if (this.currentTest?.state === "failed" && real !== undefined) console.log(await real.look());
  });

  after(() => real?.stop());

  return () => {
    if (real === undefined) throw new Error("the machines are not on");
    return real;
  };
}
