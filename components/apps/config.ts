import { z } from "zod";
import { schemasOf } from "../shared/registry";
import { configuredSchema } from "./configured/schema";
import { validateAccess } from "./frame/access";
import { quotaSchema, validateQuota } from "./frame/quota";
import { sourcesSchema } from "./frame/sources";
import * as registry from "./registry";

const written = {
  quota: quotaSchema.prefault({}).describe("What one app's namespace may use"),
  charts: sourcesSchema,
  ...z.object(schemasOf(registry)).partial().shape,
};

// Typed loosely, or each known key would have to be an app from the configuration as well.
const others: z.ZodType = configuredSchema(Object.keys(written));

/** The apps. One that is not named is not deployed. A name that no written app has is an app from the configuration. */
export const appsSchema = z
  .object(written)
  .catchall(others)
  .superRefine(validateQuota)
  .superRefine(validateAccess)
  .prefault({})
  .describe("The apps. Only those that are named are deployed");

export type AppsConfig = z.infer<typeof appsSchema>;
