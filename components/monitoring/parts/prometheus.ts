import { z } from "zod";
import { duration, nodePort, resources, size } from "../../shared/scalars";
import { renderDuration, renderQuantity } from "../../shared/units";
import { prometheusHealth } from "../dashboards/prometheus-health";
import type { Values } from "../../shared/json";
import { CONFIG_RELOADER, configuredMemory, fixedMemory } from "../limits";
import { hostOf, NAMESPACE, podsNamed } from "../names";
import { namedService, namedUrl } from "../named-service";
import { hostKeys } from "../../shared/hosts";
import {
  definePart,
  type AllParts,
  type OperatorObject,
  type PartSite,
  type Service,
} from "../part";
import { apiEgress, egress, ingress, machinePeers, tcp } from "../../shared/policies";
import { READ, type RbacRule } from "../rbac";
import { renderPlacement, renderResources } from "../../shared/placement";
import { prometheusRules } from "../rules/prometheus";
import { storageClassOf } from "../volumes";
import { STACK } from "./kube-prometheus-stack";

const NAME = "prometheus";
const PODS = podsNamed(NAME);
const PORT = 9090;

/** The account that the chart makes for it. */
const ACCOUNT = `${STACK}-prometheus`;

/** Where other parts find Prometheus. */
export const PROMETHEUS: Service = {
  name: NAME,
  title: "Prometheus",
  pods: PODS,
  port: PORT,
  url: `http://${hostOf(`${STACK}-prometheus`, PORT)}`,
  healthPath: "/-/healthy",
  clientsPolicy: "prometheus-from-grafana",
};

/** Ports of machines that serve metrics of the cluster itself. */
function clusterPorts(apiServerPort: number): number[] {
  return [
    2381, // etcd
    apiServerPort,
    10_249, // kube-proxy
    10_250, // kubelet
    10_257, // controller manager
    10_259, // scheduler
  ];
}

const prometheusSchema = z
  .strictObject({
    nodePort: nodePort.prefault(30_090).describe("Port on the monitoring machine"),
    host: hostKeys.host,
    openToLan: z
      .boolean()
      .prefault(true)
      .describe(
        "Whether Prometheus' port, which has no log-in, answers the LAN and not only the machines",
      ),
    retention: duration.prefault("30d").describe("Samples older than this are deleted"),
    retentionSize: size.prefault("4Gi").describe("The oldest samples are deleted beyond this"),
    volumeSize: size.prefault("25Gi").describe("Size of its volume"),
    resources: resources({
      requests: { cpu: "500m", memory: "1Gi" },
      limits: { cpu: "2", memory: "2Gi" },
    }),
  })
  .refine((p) => p.retentionSize < p.volumeSize, {
    path: ["retentionSize"],
    error: "a size below volumeSize",
  })
  .prefault({})
  .describe("Metrics");

type PrometheusSite = PartSite<{ prometheus: typeof prometheusSchema }>;

/** Prometheus finds what it scrapes in all namespaces, and reads the machines' and the API's own metrics. */
const RIGHTS: readonly RbacRule[] = [
  { apiGroups: [""], resources: ["nodes", "services", "pods"], verbs: READ },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: READ },
  { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
  { nonResourceURLs: ["/metrics"], verbs: ["get"] },
];

/** Selects all rules, monitors, probes and jobs, whichever release they came with. */
const SELECT_EVERYTHING = {
  ruleSelectorNilUsesHelmValues: false,
  serviceMonitorSelectorNilUsesHelmValues: false,
  podMonitorSelectorNilUsesHelmValues: false,
  probeSelectorNilUsesHelmValues: false,
  scrapeConfigSelectorNilUsesHelmValues: false,
};

/**
 * Gives each target the label `node`: the machine that its pod runs on. Alerts leave out a machine that sleeps by
 * this label. Targets that are machines themselves (the kubelet) get it from the operator.
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

function renderSpec(site: PrometheusSite): Values {
  const { prometheus, machine, scrapeInterval } = site.config;
  const interval = renderDuration(scrapeInterval);
  const url = namedUrl(prometheus.host, site.ingress);
  return {
    // For the links in alerts.
    ...(url === undefined ? {} : { externalUrl: url }),
    scrapeInterval: interval,
    evaluationInterval: interval,
    // Endpoints are deprecated since Kubernetes 1.33, and Prometheus has no right to read them here.
    serviceDiscoveryRole: "EndpointSlice",
    scrapeClasses: [NODE_LABEL],
    ...SELECT_EVERYTHING,
    retention: renderDuration(prometheus.retention),
    // Prometheus needs the B. It reads units as powers of 1024.
    retentionSize: `${renderQuantity(prometheus.retentionSize)}B`,
    resources: renderResources(prometheus.resources),
    ...renderPlacement(machine),
    storageSpec: {
      volumeClaimTemplate: {
        metadata: { name: "data" },
        spec: {
          storageClassName: storageClassOf(site.config),
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: renderQuantity(prometheus.volumeSize) } },
        },
      },
    },
  };
}

const ANNOTATION = "__meta_kubernetes_service_annotation_prometheus_io_";

/**
 * Services with the annotation prometheus.io/scrape, and optionally scheme, path and port. Services of the
 * cluster itself and of monitoring have jobs of their own.
 */
function renderServiceEndpointsJob(): OperatorObject {
  const spec = {
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
  return { kind: "ScrapeConfig", name: "service-endpoints", spec };
}

/** It reads every pod of this namespace, pods of other namespaces that let it in, and the machines' metrics. */
function renderPolicies(site: PrometheusSite, { machinePorts }: AllParts) {
  const ports = tcp(...machinePorts, ...clusterPorts(site.apiServerPort));
  const { readers = [] } = site;
  return [
    ...(readers.length === 0 ? [] : [ingress("prometheus-from-apps", PODS, readers, tcp(PORT))]),
    ingress("everything-from-prometheus", {}, [{ pods: PODS }], []),
    apiEgress(NAME, PODS, site),
    egress("prometheus-to-pods", PODS, [{ cidr: site.network.podCidr }], []),
    egress("prometheus-to-machines", PODS, machinePeers(site), ports),
  ];
}

/** Reads and keeps metrics, and evaluates the rules. */
export const prometheus = definePart({
  name: NAME,
  place: 5,
  keys: { prometheus: prometheusSchema },
  rules: [prometheusRules],
  dashboards: [prometheusHealth],
  plan: (site) => {
    const { prometheus: config, machine } = site.config;
    return {
      serves: [
        {
          ...PROMETHEUS,
          nodePort: config.nodePort,
          path: "monitoring.prometheus.nodePort",
          lanPeers: config.openToLan ? [{ cidr: site.lan.cidr }] : machinePeers(site),
          isShown: config.openToLan,
          answersPromQl: true,
        },
      ],
      hosts: namedService({
        ...PROMETHEUS,
        written: config.host,
        path: "monitoring.prometheus.host",
        service: `${STACK}-prometheus`,
        servicePort: PORT,
      }),
      policies: (all) => renderPolicies(site, all),
      memory: [
        configuredMemory("prometheus", "Prometheus", config, machine),
        fixedMemory("Prometheus' configuration reloader", CONFIG_RELOADER, machine),
      ],
      volumes: [
        {
          name: NAME,
          user: "Prometheus",
          // The StatefulSet uses this name for its first pod's claim, and so takes ours.
          claim: `data-prometheus-${STACK}-prometheus-0`,
          pods: PODS,
          bytes: config.volumeSize,
          owner: { uid: 1000, gid: 2000 },
          // Open for writing: the newest two to three hours, its head block.
          leaveOut: ["wal", "wbl", "chunks_head", "lock", "queries.active", "*.tmp-for-*"],
          hasDatabases: false,
        },
      ],
      grants: [{ name: NAME, account: ACCOUNT, rules: RIGHTS }],
      objects: () => [renderServiceEndpointsJob()],
      addsTo: () => ({
        release: STACK,
        values: { prometheus: { prometheusSpec: renderSpec(site) } },
      }),
    };
  },
});
