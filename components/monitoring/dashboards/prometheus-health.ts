import type { Dashboard } from "./dashboard";
import { stat, table, timeSeries } from "./panels";

/** Whether monitoring itself is healthy. */
export const prometheusHealth: Dashboard = {
  uid: "prometheus-health",
  title: "Prometheus health",
  description: "Targets, samples, storage and rule evaluation.",
  tags: ["monitoring"],
  rows: [
    {
      title: "Now",
      panels: [
        stat("Targets up", [{ expr: "sum(up)" }]),
        stat("Targets down", [{ expr: "count(up == 0) or vector(0)" }], { thresholds: [1, 5] }),
        stat("Series", [{ expr: "sum(prometheus_tsdb_head_series)" }]),
        stat("Disk used by blocks", [{ expr: "sum(prometheus_tsdb_storage_blocks_bytes)" }], {
          unit: "bytes",
        }),
        stat(
          "Oldest sample",
          [{ expr: "time() - min(prometheus_tsdb_lowest_timestamp_seconds)" }],
          { unit: "s" },
        ),
        stat("Configuration loaded", [{ expr: "min(prometheus_config_last_reload_successful)" }]),
      ],
    },
    {
      title: "Work",
      panels: [
        timeSeries("Samples a second", [
          { expr: "sum(rate(prometheus_tsdb_head_samples_appended_total[5m]))", legend: "all" },
        ]),
        timeSeries(
          "How long a scrape takes",
          [{ expr: "max by (job) (scrape_duration_seconds)", legend: "{{job}}" }],
          { unit: "s" },
        ),
        timeSeries(
          "How long the rules take",
          [
            {
              expr: "max by (rule_group) (prometheus_rule_group_last_duration_seconds)",
              legend: "{{rule_group}}",
            },
          ],
          { unit: "s" },
        ),
        timeSeries(
          "Memory",
          [
            {
              expr: 'sum by (pod) (container_memory_working_set_bytes{namespace="monitoring",container!=""})',
              legend: "{{pod}}",
            },
          ],
          { unit: "bytes" },
        ),
        table("Targets that are down", { expr: "up == 0" }, { width: 24 }),
      ],
    },
  ],
};
