import { z } from "zod";
import { schemasOf } from "../shared/registry";
import { duration, oneKind, size } from "../shared/scalars";
import { span } from "./times-of-day";
import * as triggers from "./triggers/registry";
import { wakingPageSchema } from "./waking-page";

const watts = z
  .strictObject({
    awake: z.number().min(0).max(5000).describe("Watts while idle, read from a meter at the wall"),
    asleep: z.number().min(0).max(5000).describe("Watts while suspended or off"),
  })
  .refine((w) => w.awake >= w.asleep, "an awake value that is not below asleep")
  .describe(
    "What the machine draws. The energy that sleep saves is reported only where this is set",
  );

const wakeTimeout = duration.describe(
  "Longest time from the first magic packet, or the first start by Proxmox, until the kubelet is Ready",
);

const MODE = "Whether the machine sleeps while nobody needs it";

const alwaysOn = z.strictObject({ mode: z.literal("always-on").describe(MODE) });

const sleeps = z.strictObject({
  mode: z.literal("sleeps").describe(MODE),
  method: z
    .enum(["suspend", "poweroff", "hibernate"])
    .prefault("suspend")
    .describe(
      "suspend: to RAM, and pods stay bound. poweroff: apps that sleep with the machine are scaled to 0 first. hibernate: a virtual machine's memory is saved to its hypervisor's disk, and pods stay bound",
    ),
  idleAfter: duration.optional().describe("Overrides power.idleAfter for this machine"),
  wakeTimeout: wakeTimeout.optional().describe("Overrides power.wakeTimeout for this machine"),
  evict: z
    .boolean()
    .prefault(false)
    .describe(
      "Whether pods that fit on another awake machine are moved there. If false, they keep this machine awake",
    ),
  watts: watts.optional(),
});

/** The power layer's part of one machine. */
export const machinePowerSchema = z
  .discriminatedUnion("mode", [alwaysOn, sleeps], {
    error: oneKind("mode", ["always-on", "sleeps"]),
  })
  .prefault({ mode: "always-on" })
  .describe("Whether the machine sleeps when it has nothing to do");

/** When machines sleep and wake; times of day are in lan.timeZone. */
export const powerSchema = z
  .strictObject({
    checkEvery: duration.prefault("15m").describe("Time between two checks of the machines"),
    firstCheckAfterBoot: duration
      .prefault("5m")
      .describe("Time from a boot of the controller until the first check"),
    idleAfter: duration
      .prefault("2h")
      .describe("A machine sleeps after it has had nothing to do for this time"),
    minimumAwake: duration.prefault("30m").describe("Shortest time awake after a wake"),
    minimumAsleep: duration
      .prefault("10m")
      .describe(
        "Shortest time asleep before the calendar or a wake test wakes the machine. A wake that somebody waits for is not delayed",
      ),
    maxChangesPerDay: z
      .int()
      .min(2)
      .max(96)
      .prefault(12)
      .describe(
        "Most sleeps and wakes of one machine in 24 hours. The last one allowed is always a wake",
      ),
    quietHours: z
      .array(span)
      .prefault([])
      .describe(
        "Times of day at which no machine is put to sleep, and none is woken by the calendar or a wake test",
      ),
    wakeTimeout: wakeTimeout.prefault("5m"),
    sleepTimeout: duration
      .prefault("5m")
      .describe(
        "Longest time for draining, and for going to sleep. After that the sleep is undone",
      ),
    safetyAlarm: duration
      .prefault("7d")
      .describe("The machine's own clock wakes it after this time if nothing else has"),
    thresholds: z
      .strictObject({
        cpu: z
          .number()
          .gt(0)
          .max(1)
          .prefault(0.15)
          .describe(
            "Busy share of all cores. The kubelet, the CNI and the exporters alone stay below 0.1",
          ),
        network: size.prefault("200Ki").describe("Bytes per second on the NIC, received and sent"),
        disk: size.prefault("1Mi").describe("Bytes per second read and written"),
      })
      .prefault({})
      .describe(
        "A machine is busy if one of these rates is reached, as an average between two checks",
      ),
    wakeTest: z
      .strictObject({
        every: duration
          .prefault("7d")
          .describe(
            "Longest time since the last wake that worked. After that the next sleep is a wake test",
          ),
      })
      .prefault({})
      .describe(
        "Wake tests. A machine sleeps by itself only after `vmstation power test` has passed",
      ),
    wakingPage: wakingPageSchema,
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
