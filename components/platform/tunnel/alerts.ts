import { MINUTE, type AlertGroup } from "../../shared/alerts";
import type { DashboardNeed } from "../../shared/facts";
import { NAME, NAMESPACE } from "./names";

const REQUESTS = "sum(rate(cloudflared_tunnel_total_requests[10m]))";
const FAILED = "sum(rate(cloudflared_tunnel_request_errors[10m]))";

/** What people outside notice first. */
export const tunnelAlerts: AlertGroup = {
  name: "tunnel",
  rules: [
    {
      alert: "TunnelDown",
      expr: `(sum(cloudflared_tunnel_ha_connections) or vector(0)) == 0`,
      forSeconds: 10 * MINUTE,
      severity: "warning",
      summary: "The tunnel has no connection to Cloudflare",
      description: `Public names answer with an error. Is the internet there? Else look at: kubectl -n ${NAMESPACE} logs deployment/${NAME}.`,
    },
    {
      alert: "TunnelRequestsFail",
      expr: `${FAILED} > 0.5 * ${REQUESTS}`,
      forSeconds: 10 * MINUTE,
      severity: "warning",
      summary: "Most requests by the tunnel fail",
      description: `They come from Cloudflare, and the ingress does not answer: kubectl -n traefik get pods.`,
    },
  ],
};

export const tunnelDashboard: DashboardNeed = {
  uid: "platform-tunnel",
  title: "Tunnel",
  description: "Requests from the internet, and the connections to Cloudflare that they come by.",
  panels: [
    {
      kind: "figure",
      title: "Connections to Cloudflare",
      queries: [{ expr: "sum(cloudflared_tunnel_ha_connections)" }],
    },
    {
      kind: "lines",
      title: "Requests a second",
      queries: [
        { expr: "sum(rate(cloudflared_tunnel_total_requests[5m]))", legend: "all" },
        { expr: "sum(rate(cloudflared_tunnel_request_errors[5m]))", legend: "failed" },
      ],
    },
    {
      kind: "lines",
      title: "Answers a second, by status",
      queries: [
        {
          expr: "sum by (status_code) (rate(cloudflared_tunnel_response_by_code[5m]))",
          legend: "{{status_code}}",
        },
      ],
    },
    { kind: "logs", title: "What cloudflared says", expr: `{namespace="${NAMESPACE}"}` },
  ],
};
