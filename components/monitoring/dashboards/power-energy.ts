import type { Dashboard } from "./dashboard";
import { stat, stateTimeline, table, timeSeries } from "./panels";

/** The first panel shows each state of the power controller as a number. */
const STATES = [
  { value: 0, name: "awake", text: "awake", color: "green" },
  { value: 1, name: "idle", text: "idle", color: "light-green" },
  { value: 2, name: "draining", text: "going to sleep", color: "light-blue" },
  { value: 3, name: "asleep", text: "asleep", color: "blue" },
  { value: 4, name: "waking", text: "waking", color: "yellow" },
  { value: 5, name: "failed", text: "failed", color: "red" },
] as const;

/** One series for each machine. Its value is the number of the machine's state. */
const STATE = STATES.map(
  ({ name, value }) => `(vmstation_power_state{state="${name}"} == 1) * ${value}`,
).join(" or ");

/** When machines slept, how long they took to wake, and the energy saved. */
export const powerEnergy: Dashboard = {
  uid: "power-energy",
  title: "Power and energy",
  description:
    "Sleep over time, wakes, and watt-hours saved: hours asleep times the wattages in the configuration.",
  tags: ["power"],
  from: "now-7d",
  rows: [
    {
      title: "States",
      panels: [
        stateTimeline(
          "State of each machine",
          { expr: `max by (node) (${STATE})`, legend: "{{node}}" },
          STATES,
        ),
      ],
    },
    {
      title: "In the time shown",
      panels: [
        stat(
          "Time asleep",
          [
            {
              expr: "increase(vmstation_power_asleep_seconds_total[$__range])",
              legend: "{{node}}",
            },
          ],
          { unit: "s", width: 6 },
        ),
        stat(
          "Energy saved",
          [
            {
              expr: "increase(vmstation_power_saved_watt_hours_total[$__range])",
              legend: "{{node}}",
            },
          ],
          { unit: "watth", width: 6 },
        ),
        stat(
          "Wakes",
          [{ expr: "increase(vmstation_power_wakes_total[$__range])", legend: "{{node}}" }],
          { width: 6 },
        ),
        stat(
          "Failed wakes",
          [{ expr: "increase(vmstation_power_failed_wakes_total[$__range])", legend: "{{node}}" }],
          { width: 6, thresholds: [1, 3] },
        ),
      ],
    },
    {
      title: "Over time",
      panels: [
        timeSeries(
          "Hours asleep a day",
          [
            {
              expr: "increase(vmstation_power_asleep_seconds_total[1d]) / 3600",
              legend: "{{node}}",
            },
          ],
          { unit: "h", min: 0, max: 24 },
        ),
        timeSeries(
          "Energy saved a day",
          [
            {
              expr: "increase(vmstation_power_saved_watt_hours_total[1d])",
              legend: "{{node}}",
            },
          ],
          { unit: "watth", min: 0 },
        ),
        timeSeries(
          "Measured power (machines with a BMC)",
          [
            {
              expr: "max by (machine) (ipmi_dcmi_power_consumption_watts)",
              legend: "{{machine}}",
            },
          ],
          { unit: "watt", min: 0 },
        ),
        table("Machines that did not wake", { expr: "vmstation_power_wake_failed == 1" }),
      ],
    },
  ],
};
