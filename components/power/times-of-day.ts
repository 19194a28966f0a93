import { z } from "zod";

const ACCEPTED = "a time of day such as 23:30 (quoted in YAML)";

export const timeOfDay = z.string(ACCEPTED).regex(/^([01]\d|2[0-3]):[0-5]\d$/, ACCEPTED);

/** From one time of day to another, past midnight where the second is the earlier one. */
export const span = z
  .strictObject({ from: timeOfDay, until: timeOfDay })
  .refine((s) => s.from !== s.until, "two different times of day");
