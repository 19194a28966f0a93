import { z } from "zod";
import { schemasOf } from "../shared/registry";
import { duration, size } from "../shared/scalars";
import { span } from "./times-of-day";
import * as triggers from "./triggers/registry";

const watts = z
  .strictObject({
    awake: z.number().min(0).max(5000).describe("Draw while idle, by a meter at the wall"),
    asleep: z.number().min(0).max(5000).describe("Draw while suspended or off"),
  })
  .refine((w) => w.awake >= w.asleep, "awake no lower than asleep")
  .describe("For the energy saved; without it none is reported");

const wakeTimeout = duration.describe(
  "From the first magic packet until the kubelet is Ready, at most",
);

const MODE = "Whether the machine sleeps while nobody needs it";

const alwaysOn = z.strictObject({ mode: z.literal("always-on").describe(MODE) });

const sleeps = z.strictObject({
  mode: z.literal("sleeps").describe(MODE),
  method: z
    .enum(["suspend", "poweroff"])
    .prefault("suspend")
    .describe("Suspend to RAM, pods staying bound; or power off, marked workloads scaled to 0"),
  idleAfter: duration.optional().describe("Instead of power.idleAfter"),
  wakeTimeout: wakeTimeout.optional().describe("Instead of power.wakeTimeout"),
  evict: z
    .boolean()
    .prefault(false)
    .describe(
      "Whether pods that fit on an awake machine are moved there, rather than keeping this one awake",
    ),
  watts: watts.optional(),
});

/** The power layer's part of one machine. */
export const machinePowerSchema = z
  .discriminatedUnion("mode", [alwaysOn, sleeps], "mode always-on or sleeps")
  .prefault({ mode: "always-on" })
  .describe("Whether the machine sleeps when it has nothing to do");

/** When machines sleep and wake; times of day are in lan.timeZone. */
export const powerSchema = z
  .strictObject({
    checkEvery: duration.prefault("15m").describe("How often the machines are looked at"),
    firstCheckAfterBoot: duration.prefault("5m").describe("After a boot of the controller"),
    idleAfter: duration
      .prefault("2h")
      .describe("A machine sleeps after this long with nothing to do"),
    minimumAwake: duration.prefault("30m").describe("No sleep sooner than this after a wake"),
    minimumAsleep: duration
      .prefault("10m")
      .describe("No wake sooner than this that nobody waits for (calendar, weekly test)"),
    maxChangesPerDay: z
      .int()
      .min(2)
      .max(96)
      .prefault(12)
      .describe("Sleeps and wakes of one machine in 24 h; the last one allowed is always a wake"),
    quietHours: z
      .array(span)
      .prefault([])
      .describe("No machine is put to sleep, or woken by the calendar or a test"),
    wakeTimeout: wakeTimeout.prefault("5m"),
    sleepTimeout: duration
      .prefault("5m")
      .describe("For draining and for going to sleep, each; after that all of it is undone"),
    safetyAlarm: duration
      .prefault("7d")
      .describe("The machine's own clock wakes it after this long, should nothing else"),
    thresholds: z
      .strictObject({
        cpu: z
          .number()
          .gt(0)
          .max(1)
          .prefault(0.15)
          .describe("Busy share of all cores; kubelet, CNI and exporters alone stay under 0.1"),
        network: size.prefault("200Ki").describe("Bytes a second on the NIC, both ways"),
        disk: size.prefault("1Mi").describe("Bytes a second read and written"),
      })
      .prefault({})
      .describe("A machine is busy from these rates on, averaged between two checks"),
    wakeTest: z
      .strictObject({
        every: duration.prefault("7d").describe("A wake no older than this must have worked"),
      })
      .prefault({})
      .describe("A machine sleeps by itself only once `vmstation power test` has passed"),
    ...schemasOf(triggers),
  })
  .prefault({})
  .describe("When machines sleep and wake")
  .refine((p) => p.firstCheckAfterBoot <= p.idleAfter, {
    path: ["firstCheckAfterBoot"],
    message: "a duration no longer than power.idleAfter",
  })
  .refine((p) => p.checkEvery <= p.idleAfter, {
    path: ["checkEvery"],
    message: "a duration no longer than power.idleAfter",
  });

export type PowerConfig = z.infer<typeof powerSchema>;
export type MachinePowerConfig = z.infer<typeof machinePowerSchema>;
/** The power configuration of a machine that sleeps. */
export type SleepsConfig = Extract<MachinePowerConfig, { mode: "sleeps" }>;

/** Seconds that a machine may take to wake: its own figure, or that of all. */
export function wakeTimeoutOf(
  power: MachinePowerConfig,
  ofAll: Pick<PowerConfig, "wakeTimeout">,
): number {
  return (power.mode === "sleeps" ? power.wakeTimeout : undefined) ?? ofAll.wakeTimeout;
}
