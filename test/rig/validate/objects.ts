import { OBJECTS as SYSTEM } from "../../cluster/operations-objects";

export const NAMESPACE = "monitoring";

const labels = { app: "loki" };

/** A volume and the claim that it is for. */
export const VOLUME = {
  ...{ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "loki" } },
  spec: {
    ...{ capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], storageClassName: "local" },
    ...{ persistentVolumeReclaimPolicy: "Retain", hostPath: { path: "/srv/loki" } },
    claimRef: {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      namespace: NAMESPACE,
      name: "loki",
    },
  },
};
export const CLAIM = {
  ...{ apiVersion: "v1", kind: "PersistentVolumeClaim" },
  metadata: { name: "loki", namespace: NAMESPACE },
  spec: {
    ...{ accessModes: ["ReadWriteOnce"], storageClassName: "local" },
    resources: { requests: { storage: "1Gi" } },
  },
};

/** Lets nothing in unless it is told to. */
export const DENY = {
  ...{ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
  metadata: { name: "deny", namespace: NAMESPACE },
  spec: { podSelector: {}, policyTypes: ["Ingress"] },
};

/** A service of monitoring with its pod. */
const LOKI = [
  {
    ...{ apiVersion: "apps/v1", kind: "Deployment" },
    metadata: { name: "loki", namespace: NAMESPACE },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        // As in a homelab: where no machine sleeps.
        spec: {
          nodeName: "maple",
          containers: [{ name: "main", image: "registry.invalid/loki" }],
        },
      },
    },
  },
  {
    ...{ apiVersion: "v1", kind: "Service", metadata: { name: "loki", namespace: NAMESPACE } },
    spec: { selector: labels, ports: [{ port: 3100 }] },
  },
];

/** A healthy cluster, as far as the checks look at it, in the order in which it is made. */
export const OBJECTS: readonly object[] = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
  ...SYSTEM,
  ...LOKI,
  VOLUME,
  CLAIM,
  DENY,
];

const target = (instance: string, health: string): object => ({
  ...{ labels: { job: "node-exporter", instance }, health },
  scrapePool: "node-exporter",
});
const answer = (...activeTargets: object[]): object => ({
  status: "success",
  data: { activeTargets, droppedTargets: [] },
});

/** What Prometheus says of its targets (its HTTP API, GET /api/v1/targets). */
export const TARGETS = {
  up: answer(target("10.213.0.62:9100", "up"), target("10.213.0.63:9100", "up")),
  down: answer(target("10.213.0.62:9100", "down"), target("10.213.0.63:9100", "up")),
  none: answer(),
} as const;
