/** Whether tests run that take long and prove what seldom changes: VMSTATION_REAL_LONG=1. README.md has their last result. */
const LONG = process.env.VMSTATION_REAL_LONG === "1";

/** A test that is pending without VMSTATION_REAL_LONG=1. */
export const itLong = LONG ? it : it.skip;

/** For a mocha `before`: leaves a suite's tests pending without it. */
export function requireLong(context: Mocha.Context): void {
  if (LONG) return;
  console.log("    skipped: VMSTATION_REAL_LONG=1 runs it");
  context.skip();
}
