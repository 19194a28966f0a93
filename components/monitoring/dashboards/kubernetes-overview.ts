import type { Dashboard } from "./dashboard";
import { stat, table, timeSeries } from "./panels";

/** The first page: whether the cluster is healthy, and what runs where. */
export const kubernetesOverview: Dashboard = {
  uid: "kubernetes-overview",
  title: "Kubernetes overview",
  description: "Machines, pods and alerts at a glance.",
  tags: ["kubernetes"],
  rows: [
    {
      title: "Now",
      panels: [
        stat("Machines ready", [
          { expr: 'sum(kube_node_status_condition{condition="Ready",status="true"})' },
        ]),
        stat("Asleep on purpose", [
          { expr: 'sum(vmstation_power_state{state="asleep"}) or vector(0)' },
        ]),
        stat("Pods running", [{ expr: 'sum(kube_pod_status_phase{phase="Running"})' }]),
        stat(
          "Pods not running",
          [{ expr: 'sum(kube_pod_status_phase{phase=~"Pending|Failed|Unknown"})' }],
          { thresholds: [1, 5] },
        ),
        stat(
          "Restarts in an hour",
          [{ expr: "sum(increase(kube_pod_container_status_restarts_total[1h]))" }],
          { thresholds: [3, 10] },
        ),
        stat("Alerts firing", [{ expr: 'count(ALERTS{alertstate="firing"}) or vector(0)' }], {
          thresholds: [1, 3],
        }),
      ],
    },
    {
      title: "Machines",
      panels: [
        timeSeries(
          "CPU",
          [
            {
              expr: '100 * (1 - avg by (node) (rate(node_cpu_seconds_total{mode="idle"}[5m])))',
              legend: "{{node}}",
            },
          ],
          { unit: "percent", min: 0, max: 100 },
        ),
        timeSeries(
          "Memory",
          [
            {
              expr: "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)",
              legend: "{{node}}",
            },
          ],
          { unit: "percent", min: 0, max: 100 },
        ),
      ],
    },
    {
      title: "Workloads",
      panels: [
        timeSeries(
          "CPU by namespace",
          [
            {
              expr: 'sum by (namespace) (rate(container_cpu_usage_seconds_total{container!=""}[5m]))',
              legend: "{{namespace}}",
            },
          ],
          { unit: "short" },
        ),
        timeSeries(
          "Memory by namespace",
          [
            {
              expr: 'sum by (namespace) (container_memory_working_set_bytes{container!=""})',
              legend: "{{namespace}}",
            },
          ],
          { unit: "bytes" },
        ),
        table("Pods that are not running", {
          expr: 'sum by (namespace, pod, phase) (kube_pod_status_phase{phase=~"Pending|Failed|Unknown"}) > 0',
        }),
        table("Alerts", {
          expr: 'sum by (alertname, severity, node) (ALERTS{alertstate="firing"})',
        }),
      ],
    },
  ],
};
