import { MINUTE, type AlertGroup } from "../../shared/alerts";
import type { DashboardNeed } from "../../shared/facts";
import { NAMESPACE } from "./names";

const AVAILABLE = `kube_deployment_status_replicas_available{namespace="${NAMESPACE}"}`;

export const tailnetAlerts: AlertGroup = {
  name: "tailnet",
  rules: [
    {
      alert: "TailnetDown",
      expr: `${AVAILABLE} == 0`,
      forSeconds: 15 * MINUTE,
      severity: "warning",
      summary: "The way home by the tailnet is closed",
      description: `Look at the log: kubectl -n ${NAMESPACE} logs deployment/tailnet. A key may have expired.`,
    },
  ],
};

export const tailnetDashboard: DashboardNeed = {
  uid: "platform-tailnet",
  title: "Tailnet",
  description: "Whether the way home by the tailnet is open, and what its device says.",
  panels: [
    { kind: "lines", title: "Logged in", queries: [{ expr: AVAILABLE }] },
    { kind: "logs", title: "What Tailscale says", expr: `{namespace="${NAMESPACE}"}` },
  ],
};
