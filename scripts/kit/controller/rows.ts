import { z } from "zod";

/** A machine that is kept awake: until when (Unix seconds), and why. */
const hold = z.object({ why: z.string(), until: z.number() });

/** One machine as the power controller knows it (files/lib/state.py); times in Unix seconds, durations in seconds. */
export const rowSchema = z.object({
  machine: z.string(),
  state: z.enum(["awake", "idle", "draining", "asleep", "waking", "failed", "offline"]),
  since: z.number(),
  reasons: z.array(z.string()),
  /** 0 before the first check. */
  checkedAt: z.number(),
  nextCheckAt: z.number(),
  /** A wake test has passed, and none has failed since. */
  proved: z.boolean(),
  lastWakeAt: z.number().nullable(),
  lastWakeSeconds: z.number().nullable(),
  asleepSeconds7d: z.number(),
  asleepSeconds: z.number(),
  wakes: z.number(),
  failedWakes: z.number(),
  holds: z.array(hold),
  /** The whole cluster is down on purpose, and nothing wakes a machine by itself. */
  spunDown: z.boolean(),
  /** Null where the configuration does not say what the machine draws. */
  savedWattHours: z.number().nullable(),
});

export type Row = z.infer<typeof rowSchema>;

/** What became of an order for one machine; `why` says it where it was not done. */
export const resultSchema = rowSchema.extend({ done: z.boolean(), why: z.array(z.string()) });

export type Result = z.infer<typeof resultSchema>;

/** One machine's part in a spin-down or spin-up. */
export const stepSchema = z.object({
  machine: z.string(),
  done: z.boolean(),
  why: z.array(z.string()),
});

export type SpinStep = z.infer<typeof stepSchema>;
