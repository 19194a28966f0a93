import { z } from "zod";
import { duration, nodePort, resources, size } from "../../shared/scalars";
import { renderDuration, renderQuantity } from "../../shared/units";
import { charts } from "../../versions";
import type { ChartReleaseSpec } from "../../shared/chart-release";
import { lokiLogs } from "../dashboards/loki-logs";
import type { Values } from "../../shared/json";
import { configuredMemory } from "../limits";
import { hostOf, podsNamed } from "../names";
import { definePart, type PartSite, type Service } from "../part";
import { egress, ingress, machinePeers, tcp } from "../../shared/policies";
import { renderPlacement, renderRegistry, renderResources } from "../../shared/placement";
import { storageClassOf } from "../volumes";

const NAME = "loki";
const PODS = podsNamed(NAME);
const PORT = 3100;
const GRPC_PORT = 9095;

/** Where other parts find Loki. */
export const LOKI: Service = {
  name: NAME,
  title: "Loki",
  pods: PODS,
  port: PORT,
  url: `http://${hostOf(NAME, PORT)}`,
  healthPath: "/ready",
  clientsPolicy: "loki-from-its-users",
};

const lokiSchema = z
  .strictObject({
    nodePort: nodePort.prefault(31_100).describe("Port on the monitoring machine"),
    openToLan: z
      .boolean()
      .prefault(false)
      .describe(
        "Whether Loki's port, which has no log-in, answers the LAN and not only the machines",
      ),
    retention: duration.prefault("168h").describe("Log lines older than this are deleted"),
    volumeSize: size.prefault("20Gi").describe("Size of its volume"),
    resources: resources({
      requests: { cpu: "200m", memory: "512Mi" },
      limits: { cpu: "1", memory: "2Gi" },
    }),
  })
  .prefault({})
  .describe("Logs");

type LokiSite = PartSite<{ loki: typeof lokiSchema }>;

/** First day of the store's only schema. A new schema is added after it; this one stays, as old data has it. */
const SCHEMA_FROM = "2025-01-01";

/** Loki's own configuration, as far as it differs from the chart's. */
function renderLokiConfig(site: LokiSite): Values {
  return {
    auth_enabled: false,
    // One process needs no ring. By default it looks for itself by DNS before it is ready, and gives up.
    commonConfig: {
      replication_factor: 1,
      instance_addr: "127.0.0.1",
      ring: { kvstore: { store: "inmemory" } },
    },
    memberlistConfig: { bind_port: 7946 },
    storage: { type: "filesystem" },
    schemaConfig: {
      configs: [
        {
          from: SCHEMA_FROM,
          store: "tsdb",
          object_store: "filesystem",
          schema: "v13",
          index: { prefix: "index_", period: "24h" },
        },
      ],
    },
    limits_config: {
      retention_period: renderDuration(site.config.loki.retention),
      // A machine that wakes sends what it logged before it fell asleep.
      reject_old_samples_max_age: renderDuration(site.config.loki.retention),
      max_entries_limit_per_query: 5000,
      // Loki has no log-in, so no request may delete logs. Retention still deletes old ones.
      deletion_mode: "disabled",
    },
    compactor: {
      working_directory: "/var/loki/compactor",
      retention_enabled: true,
      delete_request_store: "filesystem",
    },
    analytics: { reporting_enabled: false },
  };
}

/**
 * The targets of the chart's scalable modes. While one of them has a replica, the chart refuses storage on a
 * file system, also in monolithic mode.
 */
const NO_SCALABLE_TARGETS = {
  read: { replicas: 0 },
  write: { replicas: 0 },
  backend: { replicas: 0 },
};

/** What the chart installs by default. A machine of 8 GB has no room for it: the caches ask for 10 GB. */
const LEFT_OUT = {
  chunksCache: { enabled: false },
  resultsCache: { enabled: false },
  gateway: { enabled: false },
  lokiCanary: { enabled: false },
  test: { enabled: false },
  ruler: { enabled: false },
  sidecar: { rules: { enabled: false } },
  // With one pod, a budget would only block the drain of its machine.
  podDisruptionBudget: { enabled: false },
};

/** Loki as one process, on a volume of the monitoring machine. */
function renderRelease(site: LokiSite): ChartReleaseSpec {
  const { config } = site;
  return {
    release: NAME,
    pin: charts.loki,
    daemonSet: false,
    values: {
      fullnameOverride: NAME,
      global: {
        clusterDomain: config.clusterDomain,
        ...renderRegistry(config.charts.imageRegistry, "imageRegistry"),
      },
      deploymentMode: "Monolithic",
      loki: { ...renderLokiConfig(site), server: { http_listen_port: PORT } },
      singleBinary: {
        replicas: 1,
        resources: renderResources(config.loki.resources),
        ...renderPlacement(config.machine),
        podDisruptionBudget: { enabled: false },
        persistence: {
          enabled: true,
          size: renderQuantity(config.loki.volumeSize),
          storageClass: storageClassOf(config),
          whenScaled: "Retain",
          whenDeleted: "Retain",
        },
      },
      ...NO_SCALABLE_TARGETS,
      ...LEFT_OUT,
      rbac: { namespaced: true },
      serviceAccount: { automountServiceAccountToken: false },
      monitoring: {
        serviceMonitor: { enabled: true, interval: renderDuration(config.scrapeInterval) },
      },
    },
  };
}

/** Keeps logs. */
export const loki = definePart({
  name: NAME,
  place: 8,
  keys: { loki: lokiSchema },
  dashboards: [lokiLogs],
  plan: (site) => {
    const { config } = site;
    return {
      serves: [
        {
          ...LOKI,
          nodePort: config.loki.nodePort,
          path: "monitoring.loki.nodePort",
          // Loki has no log-in, and its API can stop it. People look at logs in Grafana, which has a log-in.
          lanPeers: config.loki.openToLan ? [{ cidr: site.lan.cidr }] : machinePeers(site),
          isShown: false,
        },
      ],
      // Its components connect to each other through its Service, also where they are one process.
      policies: () => [
        ingress("loki-from-itself", PODS, [{ pods: PODS }], tcp(PORT, GRPC_PORT)),
        egress("loki-to-itself", PODS, [{ pods: PODS }], tcp(PORT, GRPC_PORT)),
      ],
      memory: [configuredMemory("loki", "Loki", config.loki, config.machine)],
      volumes: [
        {
          name: NAME,
          user: "Loki",
          // The StatefulSet uses this name for its first pod's claim, and so takes ours.
          claim: `storage-${NAME}-0`,
          pods: PODS,
          bytes: config.loki.volumeSize,
          owner: { uid: 10_001, gid: 10_001 },
          // Open for writing: the chunks of at most the last two hours.
          leaveOut: ["wal", "compactor"],
          hasDatabases: false,
        },
      ],
      release: () => renderRelease(site),
    };
  },
});
