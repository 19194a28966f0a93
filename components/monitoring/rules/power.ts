import { ASLEEP } from "../../shared/metrics";
import { MINUTE, unlessAsleep, type RuleGroup } from "./rule";

/** States of the power controller in which a machine does not answer on purpose, or because of `offline: true`. */
const AWAY = "draining|asleep|waking|offline";

/**
 * Machines that sleep. The power controller on the always-on control plane writes
 * vmstation_power_state{node,state} (1 for the state that the machine is in) and
 * vmstation_power_wake_failed{node}, among others. node_exporter passes them on.
 */
export const powerRules: RuleGroup = {
  name: "power",
  rules: [
    {
      // Five minutes longer than it sleeps: the pods of a machine that has just woken are not back yet.
      record: ASLEEP,
      expr: `max by (node) (max_over_time(vmstation_power_state{state=~"${AWAY}"}[5m]))`,
    },
    {
      alert: "MachineDidNotWake",
      expr: "vmstation_power_wake_failed == 1",
      forSeconds: 1 * MINUTE,
      severity: "critical",
      summary: "{{ $labels.node }} did not wake",
      description:
        "Magic packets were sent and the machine did not come up in time. Look at its power, cable and Wake-on-LAN setting.",
    },
    {
      alert: "MachineSleepsNoMore",
      expr: "vmstation_power_distrusted == 1",
      forSeconds: 1 * MINUTE,
      severity: "warning",
      summary: "{{ $labels.node }} no longer sleeps by itself",
      description:
        "A sleep, a wake or a wake test of it failed. Once mended, `vmstation power test {{ $labels.node }}` lets it sleep again.",
    },
    {
      alert: "MachineNotReady",
      expr: unlessAsleep('kube_node_status_condition{condition="Ready",status="true"} == 0'),
      forSeconds: 5 * MINUTE,
      severity: "critical",
      summary: "{{ $labels.node }} should be awake and is not Ready",
      description: "It does not sleep on purpose. Is it on, and does its kubelet run?",
    },
    {
      // Without fresh states, a machine that counts as asleep could be dead. An hour is four checks by default.
      alert: "PowerStateStale",
      expr: "time() - max(vmstation_power_checked_timestamp_seconds) > 3600",
      forSeconds: 5 * MINUTE,
      severity: "warning",
      summary: "The power controller has looked at no machine for {{ $value | humanizeDuration }}",
      description: "Look at vmstation-autosleep.timer on the control plane.",
    },
  ],
};
