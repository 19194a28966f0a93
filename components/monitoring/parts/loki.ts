import { renderDuration, renderQuantity } from "../../shared/units";
import { charts } from "../../versions";
import type { ChartReleaseSpec } from "../chart-release";
import type { MonitoringSite } from "../context";
import type { Values } from "../json";
import { PORTS, RELEASES } from "../names";
import { renderPlacement, renderRegistry, renderResources } from "../render-placement";
import { STORAGE_CLASS } from "../volumes";

/** The first day of the store's only schema; a new schema is added after it, never put in its place. */
const SCHEMA_FROM = "2025-01-01";

/** Loki's own configuration, as far as it differs from the chart's. */
function renderLokiConfig(site: MonitoringSite): Values {
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
export function renderLokiRelease(site: MonitoringSite): ChartReleaseSpec {
  const { config } = site;
  return {
    release: RELEASES.loki,
    pin: charts.loki,
    daemonSet: false,
    values: {
      fullnameOverride: RELEASES.loki,
      global: {
        clusterDomain: config.clusterDomain,
        ...renderRegistry(config.charts.imageRegistry, "imageRegistry"),
      },
      deploymentMode: "Monolithic",
      loki: { ...renderLokiConfig(site), server: { http_listen_port: PORTS.loki } },
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
