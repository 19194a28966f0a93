import { z } from "zod";
import { dnsLabel } from "../../shared/scalars";
import { BEGIN, END } from "../times-of-day";
import type { TriggerSettings } from "./trigger";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const entry = z.strictObject({
  machines: z.array(dnsLabel).min(1).describe("Machines that are awake then"),
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .prefault([...WEEKDAYS])
    .describe("Days on which it begins"),
  from: BEGIN,
  until: END,
});

const schema = z.array(entry).prefault([]).describe("When machines are to be awake");

/** Machines are awake at times that the configuration names. */
export const calendar: TriggerSettings<typeof schema> = {
  schema,
  settingsFor(entries, machine) {
    return entries
      .filter(({ machines }) => machines.includes(machine))
      .map(({ days, from, until }) => ({ days, from, until }));
  },
  machines(entries) {
    return entries.flatMap(({ machines }, i) =>
      machines.map((machine, j) => ({ path: `power.calendar[${i}].machines[${j}]`, machine })),
    );
  },
};
