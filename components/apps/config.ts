import { z } from "zod";
import { schemasOf } from "../shared/registry";
import { cpu, size } from "../shared/scalars";
import { validateQuota } from "./frame/quota";
import { countOf } from "./frame/schema";
import { sourcesSchema } from "./frame/sources";
import * as registry from "./registry";

const quotaSchema = z
  .strictObject({
    requests: z
      .strictObject({
        cpu: cpu.prefault("4").describe("CPU, as Kubernetes writes it"),
        memory: size.prefault("8Gi").describe("Memory"),
      })
      .prefault({})
      .describe("Sum of the requests of an app's pods"),
    limits: z
      .strictObject({
        cpu: cpu.prefault("8").describe("CPU, as Kubernetes writes it"),
        memory: size.prefault("16Gi").describe("Memory"),
      })
      .prefault({})
      .describe("Sum of the limits of an app's pods"),
    pods: countOf("pods", 1, 110).prefault(20).describe("Number of an app's pods"),
  })
  .prefault({})
  .describe("What one app's namespace may use");

/** The apps. One that is not named is not deployed. */
export const appsSchema = z
  .strictObject({
    quota: quotaSchema,
    charts: sourcesSchema,
    ...z.object(schemasOf(registry)).partial().shape,
  })
  .superRefine(validateQuota)
  .prefault({})
  .describe("The apps. Only those that are named are deployed");

export type AppsConfig = z.infer<typeof appsSchema>;
