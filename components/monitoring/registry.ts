/** The parts of monitoring: one line each. See "Adding a monitoring part" in CONTRIBUTING.md. */
export { alertmanager } from "./parts/alertmanager";
export { alloy } from "./parts/alloy";
export { backup } from "./parts/backup";
export { blackboxExporter } from "./parts/blackbox-exporter";
export { coreDns } from "./parts/coredns";
export { grafana } from "./parts/grafana";
export { ipmiExporter } from "./parts/ipmi-exporter";
export { kubePrometheusStack } from "./parts/kube-prometheus-stack";
export { kubeStateMetrics } from "./parts/kube-state-metrics";
export { loki } from "./parts/loki";
export { nodeExporter } from "./parts/node-exporter";
export { power } from "./parts/power";
export { probes } from "./parts/probes";
export { prometheus } from "./parts/prometheus";
export { prometheusOperatorCrds } from "./parts/prometheus-operator-crds";
export { syslog } from "./parts/syslog";
