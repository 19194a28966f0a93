import { MINUTE, type RuleGroup } from "./rule";

/** The machines' clocks. node_timex_offset_seconds says how far the kernel's clock is off. */
export const timeRules: RuleGroup = {
  name: "time",
  rules: [
    {
      alert: "HighTimeOffset",
      expr: "abs(node_timex_offset_seconds) > 0.5",
      forSeconds: 10 * MINUTE,
      severity: "warning",
      summary: "The clock of {{ $labels.node }} is off by {{ $value | humanizeDuration }}",
      description: "Certificates and etcd need clocks that agree. Run 'chronyc tracking' there.",
    },
    {
      alert: "ClockNotSynchronised",
      expr: "node_timex_sync_status == 0",
      forSeconds: 15 * MINUTE,
      severity: "warning",
      summary: "The clock of {{ $labels.node }} is not synchronised",
      description: "chronyd reaches no time server. Run 'chronyc sources' there.",
    },
  ],
};
