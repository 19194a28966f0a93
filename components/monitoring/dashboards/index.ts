import type { MonitoringContext } from "../context";
import { coreDns } from "./coredns";
import type { Dashboard } from "./dashboard";
import { drawDashboard } from "./draw";
import { ipmiHardware } from "./ipmi-hardware";
import { kubernetesOverview } from "./kubernetes-overview";
import { lokiLogs } from "./loki-logs";
import { networkDns } from "./network-dns";
import { nodeMetrics } from "./node-metrics";
import { powerEnergy } from "./power-energy";
import { prometheusHealth } from "./prometheus-health";
import { syslog } from "./syslog";

/** Our own dashboards; the first one is Grafana's home. */
export const dashboards: readonly Dashboard[] = [
  kubernetesOverview,
  nodeMetrics,
  prometheusHealth,
  networkDns,
  lokiLogs,
  syslog,
  coreDns,
  ipmiHardware,
  powerEnergy,
];

export const HOME_DASHBOARD = kubernetesOverview.uid;

/** Every dashboard: our own, then those that other layers want. */
export function listDashboards({ dashboards: wanted = [] }: MonitoringContext): Dashboard[] {
  return [...dashboards, ...wanted.map(drawDashboard)];
}
