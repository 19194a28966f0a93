import type { ChartPin, ImagePin } from "./pin";

const PROMETHEUS_COMMUNITY = "https://prometheus-community.github.io/helm-charts";
// Grafana's own repository stopped publishing the Grafana and Loki charts in 2026; Alloy's stayed.
const GRAFANA_COMMUNITY = "https://grafana-community.github.io/helm-charts";
const GRAFANA = "https://grafana.github.io/helm-charts";

/** Chart versions: the newest stable ones in their publishers' repositories on 2026-08-22. */
export const charts = {
  // CRDs of prometheus-operator 0.93.1, the version that kube-prometheus-stack 88.5.3 runs.
  prometheusOperatorCrds: {
    chart: "prometheus-operator-crds",
    version: "31.0.1",
    repository: PROMETHEUS_COMMUNITY,
  },
  // Prometheus 3.14, Alertmanager 0.34, Grafana 13.2 (chart 12.11.1), kube-state-metrics 2.20.
  kubePrometheusStack: {
    chart: "kube-prometheus-stack",
    version: "88.5.3",
    repository: PROMETHEUS_COMMUNITY,
  },
  // node_exporter 1.12.1; the version that kube-prometheus-stack 88.5.3 would bring.
  nodeExporter: {
    chart: "prometheus-node-exporter",
    version: "4.56.1",
    repository: PROMETHEUS_COMMUNITY,
  },
  // Loki 3.7.6
  loki: { chart: "loki", version: "18.11.0", repository: GRAFANA_COMMUNITY },
  // Alloy 1.18.1
  alloy: { chart: "alloy", version: "1.11.1", repository: GRAFANA },
  // blackbox_exporter 0.28.0
  blackboxExporter: {
    chart: "prometheus-blackbox-exporter",
    version: "11.17.2",
    repository: PROMETHEUS_COMMUNITY,
  },
  // ipmi_exporter 1.10.1
  ipmiExporter: {
    chart: "prometheus-ipmi-exporter",
    version: "0.8.2",
    repository: PROMETHEUS_COMMUNITY,
  },
} as const satisfies Record<string, ChartPin>;

/** The image of chart prometheus-ipmi-exporter 0.8.2, which also runs on the machines themselves. */
export const ipmiExporterImage = {
  registry: "docker.io",
  repository: "prometheuscommunity/ipmi-exporter",
  tag: "v1.10.1",
  unpinned: "no registry was available to ask for its digest; Renovate adds it",
} as const satisfies ImagePin & { registry: string };
