/** The names under which the parts of monitoring find each other. */

export const NAMESPACE = "monitoring";

/** Release names; the charts derive the names of their objects from them. */
export const RELEASES = {
  crds: "prometheus-operator-crds",
  stack: "kube-prometheus-stack",
  nodeExporter: "node-exporter",
  loki: "loki",
  alloy: "alloy",
  blackbox: "blackbox-exporter",
  ipmi: "ipmi-exporter",
} as const;

/** Pod labels as the charts set them: policies and our own Services select by them. */
export const PODS = {
  operator: { "app.kubernetes.io/name": "kube-prometheus-stack-prometheus-operator" },
  prometheus: { "app.kubernetes.io/name": "prometheus" },
  alertmanager: { "app.kubernetes.io/name": "alertmanager" },
  grafana: { "app.kubernetes.io/name": "grafana" },
  kubeStateMetrics: { "app.kubernetes.io/name": "kube-state-metrics" },
  loki: { "app.kubernetes.io/name": "loki" },
  alloy: { "app.kubernetes.io/name": "alloy" },
  blackbox: { "app.kubernetes.io/name": "prometheus-blackbox-exporter" },
  ipmi: { "app.kubernetes.io/name": "prometheus-ipmi-exporter" },
} as const;

/** Ports that the parts listen on inside their pods. */
export const PORTS = {
  prometheus: 9090,
  alertmanager: 9093,
  grafana: 3000,
  loki: 3100,
  lokiGrpc: 9095,
  nodeExporter: 9100,
  blackbox: 9115,
  ipmi: 9290,
  /** The BMC's own, UDP (RMCP+). */
  bmc: 623,
  apiServer: 6443,
  syslog: 514,
} as const;

/** Addresses inside the cluster; short names resolve within the namespace. */
export const URLS = {
  prometheus: `http://${RELEASES.stack}-prometheus.${NAMESPACE}.svc:${PORTS.prometheus}`,
  grafana: `http://${RELEASES.stack}-grafana.${NAMESPACE}.svc`,
  loki: `http://${RELEASES.loki}.${NAMESPACE}.svc:${PORTS.loki}`,
  blackbox: `${RELEASES.blackbox}.${NAMESPACE}.svc:${PORTS.blackbox}`,
} as const;

/** Secrets and claims that we make and the charts refer to. */
export const SECRETS = {
  grafanaAdmin: "grafana-admin",
  alertmanager: "alertmanager-config",
  ipmi: "ipmi-exporter-config",
} as const;

/**
 * Claims of the parts that keep data. Prometheus' and Loki's are the names that their StatefulSets give to
 * their first pod's claim, so that these adopt ours.
 */
export const CLAIMS = {
  prometheus: `data-prometheus-${RELEASES.stack}-prometheus-0`,
  grafana: "grafana",
  loki: `storage-${RELEASES.loki}-0`,
} as const;

/** The ConfigMap that holds a dashboard. */
export function dashboardConfigMap(uid: string): string {
  return `dashboard-${uid}`;
}

/** Where node_exporter on each machine looks for metrics that other programs write. */
export const TEXTFILE_DIRECTORY = "/var/lib/node_exporter/textfile_collector";
