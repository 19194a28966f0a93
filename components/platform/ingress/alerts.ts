import { MINUTE, type AlertGroup } from "../../shared/alerts";
import type { DashboardNeed } from "../../shared/facts";
import { NAMESPACE } from "./names";

/** What makes every name unreachable, or a change of a route without effect. */
export const ingressAlerts: AlertGroup = {
  name: "ingress",
  rules: [
    {
      alert: "IngressDown",
      expr: 'absent(up{job="traefik"} == 1)',
      forSeconds: 5 * MINUTE,
      severity: "critical",
      summary: "No pod of the ingress answers",
      description: `No name leads anywhere: kubectl -n ${NAMESPACE} get pods. Apps answer at the ports of machines.`,
    },
    {
      alert: "IngressErrors",
      expr: 'sum by (service) (rate(traefik_service_requests_total{code=~"5.."}[10m])) > 0.5 * sum by (service) (rate(traefik_service_requests_total[10m]))',
      forSeconds: 15 * MINUTE,
      severity: "warning",
      summary: "Most requests to {{ $labels.service }} end with an error",
      description:
        "The ingress is there, and what is behind it does not answer: look at the pods of that namespace.",
    },
  ],
};

export const ingressDashboard: DashboardNeed = {
  uid: "platform-ingress",
  title: "Ingress",
  description: "Requests to names: how many, how they end, and how long they take.",
  panels: [
    {
      kind: "figure",
      title: "Open connections",
      queries: [{ expr: "sum(traefik_open_connections)" }],
    },
    {
      kind: "lines",
      title: "Requests a second, by what answers",
      queries: [
        {
          expr: "sum by (service) (rate(traefik_service_requests_total[5m]))",
          legend: "{{service}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "Answers a second, by status",
      queries: [
        {
          expr: "sum by (code) (rate(traefik_entrypoint_requests_total[5m]))",
          legend: "{{code}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "Time that 95 of 100 requests take at most",
      unit: "s",
      queries: [
        {
          expr: "histogram_quantile(0.95, sum by (service, le) (rate(traefik_service_request_duration_seconds_bucket[5m])))",
          legend: "{{service}}",
        },
      ],
    },
    { kind: "logs", title: "What Traefik says", expr: `{namespace="${NAMESPACE}"}` },
  ],
};
