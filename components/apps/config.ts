import { z } from "zod";
import { cpu, size } from "../shared/scalars";
import type { App } from "./frame/app";
import { validateQuota } from "./frame/quota";
import { countOf } from "./frame/schema";
import { sourcesSchema } from "./frame/sources";
import * as registry from "./registry";

const quotaSchema = z
  .strictObject({
    requests: z
      .strictObject({ cpu: cpu.prefault("4"), memory: size.prefault("8Gi") })
      .prefault({})
      .describe("Sum of the requests of an app's pods"),
    limits: z
      .strictObject({ cpu: cpu.prefault("8"), memory: size.prefault("16Gi") })
      .prefault({})
      .describe("Sum of the limits of an app's pods"),
    pods: countOf("pods", 1, 110).prefault(20).describe("Number of an app's pods"),
  })
  .prefault({})
  .describe("What one app's namespace may use");

type AppKeys<Apps extends Readonly<Record<string, App>>> = {
  [Name in keyof Apps]: z.ZodOptional<Apps[Name]["schema"]>;
};

/** A key for each app of the registry, in the order of their names. */
function appKeys<Apps extends Readonly<Record<string, App>>>(apps: Apps): AppKeys<Apps>;
function appKeys(apps: Readonly<Record<string, App>>): Readonly<Record<string, z.ZodOptional>> {
  const sorted = Object.entries(apps).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, { schema }]) => [name, schema.optional()]));
}

/** The apps. One that is not named is not deployed. */
export const appsSchema = z
  .strictObject({
    quota: quotaSchema,
    charts: sourcesSchema,
    ...appKeys(registry),
  })
  .superRefine(validateQuota)
  .prefault({})
  .describe("The apps; one that is not named is not deployed");

export type AppsConfig = z.infer<typeof appsSchema>;
