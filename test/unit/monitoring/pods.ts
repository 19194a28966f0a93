/** Labels of monitoring's pods, as the charts set them. */
const named = (name: string): Readonly<Record<string, string>> => ({
  "app.kubernetes.io/name": name,
});

export const PODS = {
  operator: named("kube-prometheus-stack-prometheus-operator"),
  prometheus: named("prometheus"),
  alertmanager: named("alertmanager"),
  grafana: named("grafana"),
  kubeStateMetrics: named("kube-state-metrics"),
  loki: named("loki"),
  alloy: named("alloy"),
  blackbox: named("prometheus-blackbox-exporter"),
  ipmi: named("prometheus-ipmi-exporter"),
} as const;

/** Claims on the volumes, as the charts' pods ask for them. */
export const CLAIMS = {
  prometheus: "data-prometheus-kube-prometheus-stack-prometheus-0",
  grafana: "grafana",
  loki: "storage-loki-0",
} as const;

/** Service accounts that kube-prometheus-stack's chart makes. */
export const ACCOUNTS = {
  operator: "kube-prometheus-stack-operator",
  prometheus: "kube-prometheus-stack-prometheus",
} as const;
