import { coreDns } from "./coredns";
import type { Dashboard } from "./dashboard";
import { ipmiHardware } from "./ipmi-hardware";
import { kubernetesOverview } from "./kubernetes-overview";
import { lokiLogs } from "./loki-logs";
import { networkDns } from "./network-dns";
import { nodeMetrics } from "./node-metrics";
import { powerEnergy } from "./power-energy";
import { prometheusHealth } from "./prometheus-health";
import { syslog } from "./syslog";

/** Every dashboard; the first one is Grafana's home. */
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
