import { alertmanager } from "./parts/alertmanager";
import { alloy } from "./parts/alloy";
import { backup } from "./parts/backup";
import { blackboxExporter } from "./parts/blackbox-exporter";
import { coreDns } from "./parts/coredns";
import { grafana } from "./parts/grafana";
import { ipmiExporter } from "./parts/ipmi-exporter";
import { kubePrometheusStack } from "./parts/kube-prometheus-stack";
import { kubeStateMetrics } from "./parts/kube-state-metrics";
import { loki } from "./parts/loki";
import { nodeExporter } from "./parts/node-exporter";
import { power } from "./parts/power";
import { probes } from "./parts/probes";
import { prometheus } from "./parts/prometheus";
import { prometheusOperatorCrds } from "./parts/prometheus-operator-crds";
import { syslog } from "./parts/syslog";

/** Every part of monitoring. A change of the order changes lists in the cluster: add at the end. */
export const parts = [
  prometheusOperatorCrds,
  kubePrometheusStack,
  nodeExporter,
  kubeStateMetrics,
  prometheus,
  grafana,
  probes,
  loki,
  alertmanager,
  alloy,
  syslog,
  coreDns,
  blackboxExporter,
  ipmiExporter,
  power,
  backup,
] as const;
