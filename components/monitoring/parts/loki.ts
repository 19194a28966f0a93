import { z } from "zod";
import { duration, nodePort, resources, size } from "../../shared/scalars";
import { renderDuration, renderQuantity } from "../../shared/units";
import { charts } from "../../versions";
import type { ChartReleaseSpec } from "../chart-release";
import { lokiLogs } from "../dashboards/loki-logs";
import type { Values } from "../json";
import { configuredMemory } from "../limits";
import { hostOf, podsNamed } from "../names";
import { definePart, type PartSite, type Service } from "../part";
import { egress, ingress, machinePeers, tcp } from "../policies";
import { renderPlacement, renderRegistry, renderResources } from "../render-placement";
import { STORAGE_CLASS } from "../volumes";

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
    nodePort: nodePort.prefault(31_100),
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

/** The first day of the store's only schema; a new schema is added after it, never put in its place. */
const SCHEMA_FROM = "2025-01-01";

/** Loki's own configuration, as far as it differs from the chart's. */
function renderLokiConfig(site: LokiSite): Values {
  return {
    auth_enabled: false,
    // One process has no ring to join: it would look for itself by DNS before it is ready, and give up.
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
      // A machine that wakes delivers what it wrote before it fell asleep.
      reject_old_samples_max_age: renderDuration(site.config.loki.retention),
      max_entries_limit_per_query: 5000,
      // Loki has no log-in: nobody who reaches it may delete what it holds. Retention is none of these requests.
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
 * The scalable targets of the chart's other modes: it refuses storage on a file system, even in monolithic
 * mode, while any of these has a replica.
 */
const NO_SCALABLE_TARGETS = {
  read: { replicas: 0 },
  write: { replicas: 0 },
  backend: { replicas: 0 },
};

/** What the chart brings by default and one machine of 8 GB has no room for (the caches ask for 10 GB). */
const LEFT_OUT = {
  chunksCache: { enabled: false },
  resultsCache: { enabled: false },
  gateway: { enabled: false },
  lokiCanary: { enabled: false },
  test: { enabled: false },
  ruler: { enabled: false },
  sidecar: { rules: { enabled: false } },
  // A budget of one pod would only block the drain of its machine.
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
          storageClass: STORAGE_CLASS,
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
          // Loki has no log-in, and its API can stop it: Grafana, which has one, is where people look.
          lanPeers: config.loki.openToLan ? [{ cidr: site.lan.cidr }] : machinePeers(site),
          isShown: false,
        },
      ],
      // Its components talk to each other through its Service, also where they are one process.
      policies: () => [
        ingress("loki-from-itself", PODS, [{ pods: PODS }], tcp(PORT, GRPC_PORT)),
        egress("loki-to-itself", PODS, [{ pods: PODS }], tcp(PORT, GRPC_PORT)),
      ],
      memory: [configuredMemory("loki", "Loki", config.loki, config.machine)],
      volumes: [
        {
          name: NAME,
          user: "Loki",
          // The name that its StatefulSet gives to its first pod's claim, so that it adopts ours.
          claim: `storage-${NAME}-0`,
          pods: PODS,
          bytes: config.loki.volumeSize,
          owner: { uid: 10_001, gid: 10_001 },
          // The chunks of the last two hours at most, which it has open for writing.
          leaveOut: ["wal", "compactor"],
          hasDatabases: false,
        },
      ],
      release: () => renderRelease(site),
    };
  },
});
