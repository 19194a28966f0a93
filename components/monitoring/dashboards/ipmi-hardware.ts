import type { Dashboard } from "./dashboard";
import { stateTimeline, table, timeSeries } from "./panels";

const MACHINE = 'machine=~"$machine"';
const LEGEND = "{{machine}} {{name}}";

/** Sensors of machines with a BMC; the states are the exporter's: 0 nominal, 1 warning, 2 critical. */
export const ipmiHardware: Dashboard = {
  uid: "ipmi-hardware",
  title: "IPMI hardware",
  description: "Temperatures, fans, voltages and power, by the machine itself and through its BMC.",
  tags: ["hardware"],
  variables: [
    {
      name: "machine",
      label: "Machine",
      source: { prometheus: { metric: "ipmi_up", label: "machine" } },
    },
  ],
  rows: [
    {
      title: "Health",
      panels: [
        stateTimeline(
          "Chassis power",
          {
            expr: `max by (machine) (ipmi_chassis_power_state{${MACHINE}})`,
            legend: "{{machine}}",
          },
          [
            { value: 1, text: "on", color: "green" },
            { value: 0, text: "off", color: "blue" },
          ],
          { height: 4 },
        ),
        table(
          "Sensors that are not nominal",
          {
            expr: `max by (machine, name, type) (ipmi_sensor_state{${MACHINE}}) > 0 or max by (machine, name) (ipmi_temperature_state{${MACHINE}}) > 0 or max by (machine, name) (ipmi_fan_speed_state{${MACHINE}}) > 0`,
          },
          { width: 24 },
        ),
      ],
    },
    {
      title: "Sensors",
      panels: [
        timeSeries(
          "Temperatures",
          [
            {
              expr: `max by (machine, name) (ipmi_temperature_celsius{${MACHINE}})`,
              legend: LEGEND,
            },
          ],
          { unit: "celsius" },
        ),
        timeSeries(
          "Fans",
          [{ expr: `max by (machine, name) (ipmi_fan_speed_rpm{${MACHINE}})`, legend: LEGEND }],
          { unit: "rotrpm" },
        ),
        timeSeries(
          "Power",
          [
            {
              expr: `max by (machine) (ipmi_dcmi_power_consumption_watts{${MACHINE}})`,
              legend: "{{machine}}",
            },
          ],
          { unit: "watt", min: 0 },
        ),
        timeSeries(
          "Voltages",
          [{ expr: `max by (machine, name) (ipmi_voltage_volts{${MACHINE}})`, legend: LEGEND }],
          { unit: "volt" },
        ),
      ],
    },
  ],
};
