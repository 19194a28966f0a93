import { renderDuration } from "../../shared/units";
import { charts } from "../../versions";
import type { ChartReleaseSpec } from "../../shared/chart-release";
import { kubernetesOverview } from "../dashboards/kubernetes-overview";
import type { Values } from "../../shared/json";
import { CONFIG_RELOADER, fixedMemory } from "../limits";
import { NAMESPACE, podsNamed } from "../names";
import { definePart, type PartSite } from "../part";
import { clusterAddressOf } from "../../shared/addresses";
import { apiEgress } from "../../shared/policies";
import { READ, WRITE, type RbacRule } from "../rbac";
import {
  renderPlacement,
  renderRegistry,
  renderResources,
  smallResources,
} from "../../shared/placement";

/** Name of the release. Parts whose programs its chart installs add their values to it. */
export const STACK = "kube-prometheus-stack";

/** The account that the chart makes for the operator. */
const ACCOUNT = `${STACK}-operator`;

const OPERATOR_PODS = podsNamed(`${STACK}-prometheus-operator`);
const RESOURCES = smallResources(64, 192);

/** Where the operator keeps the list of kubelets to scrape. */
export const KUBELET_NAMESPACE = "kube-system";

const OPERATOR_GROUP = "monitoring.coreos.com";

/**
 * The operator reads scrape jobs and rules of all namespaces, but no Secrets. The chart's own role could read and
 * write every Secret and StatefulSet of the cluster.
 */
const OPERATOR_EVERYWHERE: readonly RbacRule[] = [
  {
    apiGroups: [OPERATOR_GROUP],
    resources: ["servicemonitors", "podmonitors", "probes", "scrapeconfigs", "prometheusrules"],
    verbs: READ,
  },
  { apiGroups: [""], resources: ["namespaces"], verbs: READ },
  { apiGroups: [""], resources: ["nodes"], verbs: ["list", "watch"] },
  { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get"] },
  // It reports an object that it cannot use as an event, in the object's namespace.
  { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
];

/** In its own namespace it makes Prometheus and Alertmanager, and their configurations as Secrets. */
const OPERATOR_AT_HOME: readonly RbacRule[] = [
  {
    apiGroups: [OPERATOR_GROUP],
    resources: ["prometheuses", "alertmanagers", "alertmanagerconfigs"],
    verbs: READ,
  },
  {
    apiGroups: [OPERATOR_GROUP],
    resources: ["prometheuses", "alertmanagers"].flatMap((kind) => [
      `${kind}/status`,
      `${kind}/finalizers`,
    ]),
    verbs: ["update", "patch"],
  },
  { apiGroups: ["apps"], resources: ["statefulsets"], verbs: WRITE },
  { apiGroups: [""], resources: ["secrets", "configmaps"], verbs: WRITE },
  { apiGroups: [""], resources: ["pods"], verbs: ["list", "delete"] },
  {
    apiGroups: [""],
    resources: ["services", "services/finalizers"],
    verbs: ["get", "create", "update"],
  },
];

/** In the kubelets' namespace it keeps a Service without pods. Its endpoint slices are the kubelets. */
const OPERATOR_KUBELETS: readonly RbacRule[] = [
  {
    apiGroups: [""],
    resources: ["services"],
    verbs: ["get", "create", "update"],
  },
  {
    apiGroups: ["discovery.k8s.io"],
    resources: ["endpointslices"],
    verbs: [...READ, "create", "update", "delete"],
  },
];

/**
 * The rule groups of the chart that are used. All others are off: they do not know that a machine may sleep
 * (TargetDown, KubeletDown, KubeDaemonSetRolloutStuck), or they record what no dashboard here shows.
 */
const KEPT_RULE_GROUPS = [
  "alertmanager",
  "configReloaders",
  "etcd",
  "kubeStateMetrics",
  "prometheus",
  "prometheusOperator",
];

/** Every rule group of the chart. */
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

/** The chart's rules that are on. Two alerts are off because rules/prometheus.ts has its own. */
function renderDefaultRules(): Values {
  return {
    create: true,
    rules: Object.fromEntries(
      RULE_GROUPS.map((group) => [group, KEPT_RULE_GROUPS.includes(group)]),
    ),
    disabled: { PrometheusBadConfig: true, PrometheusTSDBReloadsFailing: true },
  };
}

function renderOperator(site: PartSite): Values {
  return {
    // It reads configuration of every namespace, but makes objects and reads Secrets only in its own.
    prometheusInstanceNamespaces: [NAMESPACE],
    alertmanagerInstanceNamespaces: [NAMESPACE],
    alertmanagerConfigNamespaces: [NAMESPACE],
    thanosRulerInstanceNamespaces: [NAMESPACE],
    kubeletService: { namespace: KUBELET_NAMESPACE },
    kubeletEndpointsEnabled: false,
    kubeletEndpointSliceEnabled: true,
    // The tests check all rules with promtool. `up` cannot fail because of a webhook that is not there.
    admissionWebhooks: { enabled: false },
    tls: { enabled: false },
    resources: renderResources(RESOURCES),
    ...renderPlacement(site.config.machine),
    prometheusConfigReloader: { resources: renderResources(CONFIG_RELOADER) },
  };
}

/** Scrape targets of the cluster itself. */
function renderClusterTargets(site: PartSite): Values {
  const interval = renderDuration(site.config.scrapeInterval);
  const etcd = site.machines.filter((machine) => machine.roles.includes("etcd"));
  return {
    kubelet: { serviceMonitor: { interval, cAdvisorInterval: interval } },
    // etcd may be a service of the machine instead of a pod, so the targets are addresses.
    kubeEtcd: {
      endpoints: etcd.map(clusterAddressOf),
      service: { port: 2381, targetPort: 2381 },
      serviceMonitor: { scheme: "http" },
    },
    ...(site.isOneProcess
      ? Object.fromEntries(
          // The kubelet's job has their metrics: their own would bring each a second time, or find nothing.
          ["kubeApiServer", "kubeControllerManager", "kubeScheduler", "kubeProxy"].map((part) => [
            part,
            { enabled: false },
          ]),
        )
      : { kubeProxy: { service: { port: 10_249, targetPort: 10_249 } } }),
  };
}

/** The operator, and the scrape targets of the cluster itself. Other parts add what else the chart installs. */
function renderRelease(site: PartSite): ChartReleaseSpec {
  const { config } = site;
  return {
    release: STACK,
    pin: charts.kubePrometheusStack,
    daemonSet: false,
    values: {
      global: {
        ...renderRegistry(config.charts.imageRegistry, "imageRegistry"),
        // The parts say what their accounts may do.
        rbac: { create: false },
      },
      crds: { enabled: false },
      nodeExporter: { enabled: false },
      defaultRules: renderDefaultRules(),
      prometheusOperator: renderOperator(site),
      ...renderClusterTargets(site),
    },
  };
}

/** The Prometheus operator, on the monitoring machine. */
export const kubePrometheusStack = definePart({
  name: STACK,
  place: 2,
  dashboards: [kubernetesOverview],
  plan: (site) => ({
    policies: () => [apiEgress("operator", OPERATOR_PODS, site)],
    memory: [fixedMemory("the Prometheus operator", RESOURCES, site.config.machine)],
    grants: [
      { name: "operator", account: ACCOUNT, rules: OPERATOR_EVERYWHERE },
      { name: "operator", account: ACCOUNT, namespace: NAMESPACE, rules: OPERATOR_AT_HOME },
      {
        name: "operator",
        account: ACCOUNT,
        namespace: KUBELET_NAMESPACE,
        rules: OPERATOR_KUBELETS,
      },
    ],
    release: () => renderRelease(site),
  }),
});
