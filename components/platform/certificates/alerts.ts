import { MINUTE, type AlertGroup } from "../../shared/alerts";
import type { DashboardNeed } from "../../shared/facts";
import { NAMESPACE } from "./names";

const DAY = 24 * 60 * MINUTE;

const WHERE = "kubectl -n {{ $labels.exported_namespace }} describe certificate {{ $labels.name }}";

/** cert-manager renews when a third of the time is left: 30 of Let's Encrypt's 90 days. */
export const certificateAlerts: AlertGroup = {
  name: "certificates",
  rules: [
    {
      alert: "CertificateNotReady",
      expr: 'certmanager_certificate_ready_status{condition="True"} == 0',
      forSeconds: 60 * MINUTE,
      severity: "warning",
      summary: "The certificate {{ $labels.name }} is not issued",
      description: `Its newest challenge says why: ${WHERE}.`,
    },
    {
      alert: "CertificateNotRenewed",
      expr: `certmanager_certificate_expiration_timestamp_seconds - time() < ${14 * DAY}`,
      forSeconds: 60 * MINUTE,
      severity: "critical",
      summary: "The certificate {{ $labels.name }} ends in {{ $value | humanizeDuration }}",
      description: `It should have been renewed two weeks ago: ${WHERE}.`,
    },
  ],
};

export const certificatesDashboard: DashboardNeed = {
  uid: "platform-certificates",
  title: "Certificates",
  description: "How long certificates are good for, and how their issuer answers.",
  panels: [
    {
      kind: "lines",
      title: "Time that is left",
      unit: "s",
      queries: [
        {
          expr: "certmanager_certificate_expiration_timestamp_seconds - time()",
          legend: "{{name}}",
        },
      ],
    },
    {
      kind: "figure",
      title: "Certificates that are issued",
      queries: [{ expr: 'sum(certmanager_certificate_ready_status{condition="True"})' }],
    },
    {
      kind: "lines",
      title: "Requests to the issuer an hour, by answer",
      queries: [
        {
          expr: "sum by (status) (increase(certmanager_http_acme_client_request_count[1h]))",
          legend: "{{status}}",
        },
      ],
    },
    { kind: "logs", title: "What cert-manager says", expr: `{namespace="${NAMESPACE}"}` },
  ],
};
