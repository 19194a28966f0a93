import { z } from "zod";

const ACCEPTED = "a time of day such as 23:30 (quoted in YAML)";

export const timeOfDay = z.string(ACCEPTED).regex(/^([01]\d|2[0-3]):[0-5]\d$/, ACCEPTED);

export const BEGIN = timeOfDay.describe("Time of day at which it begins");
export const END = timeOfDay.describe(
  "Time of day at which it ends; an earlier one is the next day's",
);

/** From one time of day to another, past midnight where the second is the earlier one. */
export const span = z
  .strictObject({
    from: BEGIN,
    until: END,
  })
  .refine((s) => s.from !== s.until, "two different times of day");
