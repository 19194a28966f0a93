import { MINUTE, unlessAsleep, type RuleGroup } from "./rule";

/** Whether monitoring itself works. */
export const prometheusRules: RuleGroup = {
  name: "prometheus",
  rules: [
    {
      alert: "PrometheusTargetsDown",
      expr: `100 * count(${unlessAsleep("up == 0")}) / count(${unlessAsleep("up")}) > 30`,
      forSeconds: 5 * MINUTE,
      severity: "warning",
      summary: "{{ $value | humanize }} % of all targets are down",
      description: "Targets on machines that sleep on purpose are not counted.",
    },
    {
      alert: "PrometheusTsdbReloadsFailing",
      expr: "increase(prometheus_tsdb_reloads_failures_total[5m]) > 0",
      forSeconds: 5 * MINUTE,
      severity: "warning",
      summary: "Prometheus cannot read its blocks",
      description: "Look at Prometheus' log and at the disk that holds its volume.",
    },
    {
      alert: "ConfigReloadFailed",
      expr: "prometheus_config_last_reload_successful == 0 or alertmanager_config_last_reload_successful == 0",
      forSeconds: 5 * MINUTE,
      severity: "critical",
      summary: "{{ $labels.pod }} runs with an old configuration",
      description: "The new one is refused; its log says why.",
    },
  ],
};
