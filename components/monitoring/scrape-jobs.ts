import { renderDuration } from "../shared/units";
import type { BmcMachine, MonitoringSite } from "./context";
import { LOCAL_IPMI_SELECTOR } from "./parts/ipmi-exporter";
import type { Json } from "./json";
import { NAMESPACE, PORTS, RELEASES } from "./names";

const ANNOTATION = "__meta_kubernetes_service_annotation_prometheus_io_";

/**
 * Services that ask to be read by annotation: prometheus.io/scrape, and optionally scheme, path and port. Those
 * of the cluster itself and of monitoring have jobs of their own.
 */
export function renderServiceEndpointsJob(): Json {
  return {
    jobName: "service-endpoints",
    kubernetesSDConfigs: [{ role: "EndpointSlice" }],
    relabelings: [
      { sourceLabels: [`${ANNOTATION}scrape`], regex: "true", action: "keep" },
      {
        sourceLabels: ["__meta_kubernetes_namespace"],
        regex: `kube-system|${NAMESPACE}`,
        action: "drop",
      },
      {
        sourceLabels: [`${ANNOTATION}scheme`],
        regex: "(https?)",
        targetLabel: "__scheme__",
        replacement: "$1",
        action: "replace",
      },
      {
        sourceLabels: [`${ANNOTATION}path`],
        regex: "(.+)",
        targetLabel: "__metrics_path__",
        replacement: "$1",
        action: "replace",
      },
      {
        sourceLabels: ["__address__", `${ANNOTATION}port`],
        regex: "([^:]+)(?::\\d+)?;(\\d+)",
        targetLabel: "__address__",
        replacement: "$1:$2",
        action: "replace",
      },
      { sourceLabels: ["__meta_kubernetes_namespace"], targetLabel: "namespace" },
      { sourceLabels: ["__meta_kubernetes_service_name"], targetLabel: "service" },
      { sourceLabels: ["__meta_kubernetes_pod_name"], targetLabel: "pod" },
    ],
  };
}

/** Sensors through the BMC, which answers while its machine sleeps; hence `machine`, and no `node`. */
export function renderRemoteIpmiJob(machine: BmcMachine, site: MonitoringSite): Json {
  const interval = renderDuration(site.config.ipmi.scrapeInterval);
  return {
    jobName: "ipmi-remote",
    scrapeInterval: interval,
    scrapeTimeout: interval,
    metricsPath: "/ipmi",
    params: { module: [machine.name], target: [machine.bmc.address] },
    staticConfigs: [
      {
        targets: [`${RELEASES.ipmi}-prometheus-ipmi-exporter.${NAMESPACE}.svc:${PORTS.ipmi}`],
        labels: { machine: machine.name },
      },
    ],
    relabelings: [{ targetLabel: "instance", replacement: machine.bmc.address, action: "replace" }],
  };
}

/** Sensors by the machine's own bus. */
export function renderLocalIpmiMonitor(site: MonitoringSite): Json {
  const interval = renderDuration(site.config.ipmi.scrapeInterval);
  return {
    selector: { matchLabels: LOCAL_IPMI_SELECTOR },
    jobLabel: "app.kubernetes.io/name",
    podMetricsEndpoints: [
      {
        port: "metrics",
        interval,
        scrapeTimeout: interval,
        relabelings: [
          { targetLabel: "job", replacement: "ipmi-local", action: "replace" },
          {
            sourceLabels: ["__meta_kubernetes_pod_node_name"],
            targetLabel: "machine",
            action: "replace",
          },
        ],
      },
    ],
  };
}
