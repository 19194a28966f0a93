import { z } from "zod";

/** What happens to a resource, by the engine's name for it. */
const step = z.object({
  op: z.string(),
  urn: z.string(),
  old: z.object({ custom: z.boolean().optional() }).nullish(),
  new: z
    .object({
      custom: z.boolean().optional(),
      outputs: z.record(z.string(), z.unknown()).optional(),
    })
    .nullish(),
});

const eventSchema = z.object({
  diagnosticEvent: z
    .object({
      urn: z.string().optional(),
      message: z.string(),
      severity: z.string(),
      ephemeral: z.boolean().optional(),
    })
    .optional(),
  resourcePreEvent: z.object({ metadata: step }).optional(),
  resOutputsEvent: z.object({ metadata: step }).optional(),
  resOpFailedEvent: z.object({ metadata: step }).optional(),
  summaryEvent: z.object({ durationSeconds: z.number() }).optional(),
});

/** One event of the engine; of the many kinds only those that a person is told of. */
export type EngineEvent = z.infer<typeof eventSchema>;
export type EngineStep = z.infer<typeof step>;

/** The event in a line of the engine's log; undefined for what is of no interest, or is not whole. */
export function parseEvent(line: string): EngineEvent | undefined {
  // Debug messages are most of the log, and hold whole resources.
  if (line === "" || line.includes('"severity":"debug"')) return undefined;
  try {
    return eventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Whether the step is a resource's that is really there, not a component's or a provider's. */
export function isOwnWork({ op, urn, old, new: wanted }: EngineStep): boolean {
  const custom = wanted?.custom ?? old?.custom ?? false;
  return custom && op !== "same" && op !== "read" && !urn.includes("pulumi:providers:");
}

/** The resource's logical name. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
