import { z } from "zod";

const names = z.array(z.string()).prefault([]);

const resourceSchema = z.object({
  type: z.string(),
  custom: z.boolean().prefault(false),
  parent: z.string().nullable().prefault(null),
  provider: z.string().prefault(""),
  protect: z.boolean().prefault(false),
  inputs: z.record(z.string(), z.unknown()).prefault({}),
  dependencies: names,
  propertyDependencies: z.record(z.string(), names).prefault({}),
  resourceHooks: z.record(z.string(), names).prefault({}),
});

/** A resource as the engine's `preview --json` has it. */
export type EngineResource = z.infer<typeof resourceSchema>;

/** The part of the engine's `preview --json` that says what the resources are. */
export const documentSchema = z.object({
  steps: z.array(z.object({ urn: z.string(), newState: resourceSchema })),
});

const entrySchema = z.looseObject({
  urn: z.string(),
  type: z.string(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
/** What `stack export` prints, as far as tests change it. */
export const exportSchema = z.looseObject({
  version: z.number(),
  deployment: z.looseObject({ resources: z.array(entrySchema) }),
});

/** An entry of the state. */
export type StateEntry = z.infer<typeof entrySchema>;
