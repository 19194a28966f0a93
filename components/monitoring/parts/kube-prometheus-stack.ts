import { renderDuration, renderQuantity } from "../../shared/units";
import { charts } from "../../versions";
import type { ChartReleaseSpec } from "../chart-release";
import type { MonitoringSite } from "../context";
import type { Values } from "../json";
import { NAMESPACE, RELEASES, SECRETS } from "../names";
import { renderGrafanaValues } from "../render-grafana";
import { renderPlacement, renderRegistry, renderResources } from "../render-placement";
import { KUBELET_NAMESPACE } from "../render-rbac";
import { SMALL } from "../small-parts";
import { STORAGE_CLASS } from "../volumes";

/**
 * The chart's own rule groups that are kept. All others are off: they watch machines and workloads without
 * knowing that a machine may sleep (TargetDown, KubeletDown, KubeDaemonSetRolloutStuck), or record what no
 * dashboard here asks for.
 */
const KEPT_RULE_GROUPS = [
  "alertmanager",
  "configReloaders",
  "etcd",
  "kubeStateMetrics",
  "prometheus",
  "prometheusOperator",
];

/** Every rule group that the chart knows, in its order. */
const RULE_GROUPS = [
  "alertmanager",
  "etcd",
  "configReloaders",
  "general",
  "k8sContainerCpuUsageSecondsTotal",
  "k8sContainerMemoryCache",
  "k8sContainerMemoryRss",
  "k8sContainerMemorySwap",
  "k8sContainerResource",
  "k8sContainerMemoryWorkingSetBytes",
  "k8sPodOwner",
  "kubeApiserverAvailability",
  "kubeApiserverBurnrate",
  "kubeApiserverHistogram",
  "kubeApiserverSlos",
  "kubeControllerManager",
  "kubelet",
  "kubeProxy",
  "kubePrometheusGeneral",
  "kubePrometheusNodeRecording",
  "kubernetesApps",
  "kubernetesResources",
  "kubernetesStorage",
  "kubernetesSystem",
  "kubeSchedulerAlerting",
  "kubeSchedulerRecording",
  "kubeStateMetrics",
  "network",
  "node",
  "nodeExporterAlerting",
  "nodeExporterRecording",
  "prometheus",
  "prometheusOperator",
  "windows",
];

/** Which of the chart's rules are on; those that rules/prometheus.ts has in its own words are not. */
function renderDefaultRules(): Values {
  return {
    create: true,
    rules: Object.fromEntries(
      RULE_GROUPS.map((group) => [group, KEPT_RULE_GROUPS.includes(group)]),
    ),
    disabled: { PrometheusBadConfig: true, PrometheusTSDBReloadsFailing: true },
  };
}

/** What selects rules, monitors, probes and jobs: all of them, whichever release they came with. */
const SELECT_EVERYTHING = {
  ruleSelectorNilUsesHelmValues: false,
  serviceMonitorSelectorNilUsesHelmValues: false,
  podMonitorSelectorNilUsesHelmValues: false,
  probeSelectorNilUsesHelmValues: false,
  scrapeConfigSelectorNilUsesHelmValues: false,
};

/**
 * Gives each target the machine that its pod runs on as `node`, so that alerts can leave out those of a
 * machine that sleeps. Targets that are machines themselves (the kubelet) have the label from the operator.
 */
const NODE_LABEL = {
  name: "node",
  default: true,
  relabelings: [
    {
      sourceLabels: ["__meta_kubernetes_pod_node_name"],
      regex: "(.+)",
      targetLabel: "node",
      replacement: "$1",
      action: "replace",
    },
  ],
};

/** The kinds of objects that kube-state-metrics counts, and may list. */
const KUBE_STATE = [
  "cronjobs",
  "daemonsets",
  "deployments",
  "jobs",
  "namespaces",
  "nodes",
  "persistentvolumeclaims",
  "persistentvolumes",
  "pods",
  "resourcequotas",
  "services",
  "statefulsets",
];

function renderPrometheusSpec(site: MonitoringSite): Values {
  const { prometheus, machine, scrapeInterval } = site.config;
  const interval = renderDuration(scrapeInterval);
  return {
    scrapeInterval: interval,
    evaluationInterval: interval,
    // Endpoints are deprecated from Kubernetes 1.33 on, and Prometheus has no right to read them here.
    serviceDiscoveryRole: "EndpointSlice",
    scrapeClasses: [NODE_LABEL],
    ...SELECT_EVERYTHING,
    retention: renderDuration(prometheus.retention),
    // Prometheus reads units as powers of 1024 and wants the B.
    retentionSize: `${renderQuantity(prometheus.retentionSize)}B`,
    resources: renderResources(prometheus.resources),
    ...renderPlacement(machine),
    storageSpec: {
      volumeClaimTemplate: {
        metadata: { name: "data" },
        spec: {
          storageClassName: STORAGE_CLASS,
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: renderQuantity(prometheus.volumeSize) } },
        },
      },
    },
  };
}

function renderAlertmanager(site: MonitoringSite): Values {
  const { alertmanager, machine } = site.config;
  return {
    alertmanagerSpec: {
      // It holds the receiver's credentials, which must not stand in Helm's values.
      useExistingSecret: true,
      configSecret: SECRETS.alertmanager,
      resources: renderResources(alertmanager.resources),
      ...renderPlacement(machine),
    },
  };
}

function renderOperator(site: MonitoringSite): Values {
  return {
    // It acts on the configuration of any namespace, but makes things, and reads Secrets, in its own only.
    prometheusInstanceNamespaces: [NAMESPACE],
    alertmanagerInstanceNamespaces: [NAMESPACE],
    alertmanagerConfigNamespaces: [NAMESPACE],
    thanosRulerInstanceNamespaces: [NAMESPACE],
    kubeletService: { namespace: KUBELET_NAMESPACE },
    kubeletEndpointsEnabled: false,
    kubeletEndpointSliceEnabled: true,
    // Rules are checked by promtool before they get here; a webhook less is a way less for `up` to fail.
    admissionWebhooks: { enabled: false },
    tls: { enabled: false },
    resources: renderResources(SMALL.operator),
    ...renderPlacement(site.config.machine),
    prometheusConfigReloader: { resources: renderResources(SMALL.configReloader) },
  };
}

/** The cluster's own components as targets. */
function renderClusterTargets(site: MonitoringSite): Values {
  const interval = renderDuration(site.config.scrapeInterval);
  const etcd = site.machines.filter((machine) => machine.roles.includes("etcd"));
  return {
    kubelet: { serviceMonitor: { interval, cAdvisorInterval: interval } },
    // etcd may be a service of the machine and no pod, so it is named by address.
    kubeEtcd: {
      endpoints: etcd.map((machine) => machine.address),
      service: { port: 2381, targetPort: 2381 },
      serviceMonitor: { scheme: "http" },
    },
    kubeProxy: { service: { port: 10_249, targetPort: 10_249 } },
  };
}

/** Prometheus, Alertmanager, Grafana and kube-state-metrics, all on the monitoring machine. */
export function renderStackRelease(site: MonitoringSite): ChartReleaseSpec {
  const { config } = site;
  return {
    release: RELEASES.stack,
    pin: charts.kubePrometheusStack,
    daemonSet: false,
    values: {
      global: {
        ...renderRegistry(config.charts.imageRegistry, "imageRegistry"),
        // render-rbac.ts says what its accounts may do.
        rbac: { create: false },
      },
      crds: { enabled: false },
      nodeExporter: { enabled: false },
      defaultRules: renderDefaultRules(),
      prometheusOperator: renderOperator(site),
      prometheus: { prometheusSpec: renderPrometheusSpec(site) },
      alertmanager: renderAlertmanager(site),
      grafana: renderGrafanaValues(site),
      "kube-state-metrics": {
        // The chart's list would let it read every Secret of the cluster.
        collectors: KUBE_STATE,
        resources: renderResources(SMALL.kubeStateMetrics),
        ...renderPlacement(config.machine),
        // Its metrics name the machine that they are about; its own is of no interest.
        prometheus: {
          monitor: { http: { relabelings: [{ regex: "node", action: "labeldrop" }] } },
        },
      },
      ...renderClusterTargets(site),
    },
  };
}
