import { MINUTE, type AlertGroup } from "../../shared/alerts";
import type { DashboardNeed } from "../../shared/facts";

/** Without it nobody at home finds anything by its name. */
export const namesAlerts: AlertGroup = {
  name: "names",
  rules: [
    {
      alert: "NamesDown",
      expr: 'absent(up{job="names"} == 1)',
      forSeconds: 5 * MINUTE,
      severity: "critical",
      summary: "The DNS server of the internal domain does not answer",
      description: "Names of home do not resolve: kubectl -n names get pods.",
    },
  ],
};

export const namesDashboard: DashboardNeed = {
  uid: "platform-names",
  title: "Names on the LAN",
  description: "Questions to the DNS server of the internal domain, and how they are answered.",
  panels: [
    {
      kind: "lines",
      title: "Questions a second, by kind",
      queries: [
        {
          expr: 'sum by (type) (rate(coredns_dns_requests_total{job="names"}[5m]))',
          legend: "{{type}}",
        },
      ],
    },
    {
      kind: "lines",
      title: "Answers a second",
      queries: [
        {
          expr: 'sum by (rcode) (rate(coredns_dns_responses_total{job="names"}[5m]))',
          legend: "{{rcode}}",
        },
      ],
    },
    { kind: "logs", title: "What the server says", expr: '{namespace="names"}' },
  ],
};
