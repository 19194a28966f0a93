/** Whether tests run that take long and prove what changes seldom: VMSTATION_REAL_LONG=1. README.md has their last result. */
export const LONG = process.env.VMSTATION_REAL_LONG === "1";

/** A test that is pending without VMSTATION_REAL_LONG. */
export const itLong = LONG ? it : it.skip;
