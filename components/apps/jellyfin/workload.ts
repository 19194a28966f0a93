import * as k8s from "@pulumi/kubernetes";
import { readScript } from "../../remote/step";
import { renderQuantity } from "../../shared/units";
import { appImages } from "../../versions";
import type { AppFrame, AppFrameValues, AppPort } from "../frame/app";
import type { JellyfinConfig } from "./jellyfin";
import { renderPodSecurity, RESTRICTED_CONTAINER } from "../../shared/pod-security";
import { createAppService, renderAppService } from "../frame/service";
import { renderImage } from "../frame/sources";

/** Jellyfin's own ports (https://jellyfin.org/docs, "Networking"). TLS answers once Jellyfin has a certificate. */
export const JELLYFIN_PORTS = { http: 8096, https: 8920 } as const;

type Container = k8s.types.input.core.v1.Container;

const ENABLE_METRICS = "enable-jellyfin-metrics.sh";
const HEALTH = { path: "/health", port: "http" };

/** Jellyfin's objects: what turns its metrics on, its Service, itself, and what scrapes it. */
export function deployJellyfin(
  config: JellyfinConfig,
  ports: readonly AppPort[],
  frame: AppFrame,
): void {
  const metadata = { name: "jellyfin", namespace: frame.namespace, labels: frame.labels };
  const script = new k8s.core.v1.ConfigMap(
    `${frame.prefix}-scripts`,
    {
      metadata: { name: "jellyfin-scripts", namespace: frame.namespace },
      data: { [ENABLE_METRICS]: readScript(__dirname, `files/${ENABLE_METRICS}`) },
    },
    frame.after(),
  );
  const service = createAppService("jellyfin", renderAppService(ports, frame), frame);
  new k8s.apps.v1.StatefulSet(
    `${frame.prefix}-server`,
    {
      metadata: { ...metadata, annotations: { ...frame.annotations } },
      spec: renderStatefulSet(config, frame),
    },
    frame.after(script, service),
  );
}

/** One server; `replicas` is left out because the power layer sets it to 0 while the machine is switched off. */
export function renderStatefulSet(
  config: JellyfinConfig,
  frame: AppFrameValues,
): k8s.types.input.apps.v1.StatefulSetSpec {
  const gpu = config.hardwareTranscoding;
  return {
    serviceName: "jellyfin",
    selector: { matchLabels: { ...frame.selector } },
    template: {
      metadata: { labels: { ...frame.labels } },
      spec: {
        nodeSelector: { ...frame.placement.nodeSelector },
        tolerations: frame.placement.tolerations,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        // Jellyfin writes its library back when it stops.
        terminationGracePeriodSeconds: 60,
        securityContext: {
          ...renderPodSecurity(config.uid, config.config.storageClass !== undefined),
          ...(gpu === undefined ? {} : { supplementalGroups: [gpu.group] }),
        },
        initContainers: [renderMetricsSwitch(frame)],
        containers: [renderServer(config, frame)],
        volumes: [
          { name: "config", persistentVolumeClaim: { claimName: "config" } },
          { name: "media", persistentVolumeClaim: { claimName: "media", readOnly: true } },
          { name: "cache", emptyDir: { sizeLimit: renderQuantity(config.cacheSize) } },
          { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
          { name: "scripts", configMap: { name: "jellyfin-scripts", defaultMode: 0o555 } },
        ],
      },
    },
  };
}

function renderMetricsSwitch(frame: AppFrameValues): Container {
  return {
    name: "enable-metrics",
    image: renderImage(appImages.jellyfin, frame.sources),
    command: ["/bin/sh", `/scripts/${ENABLE_METRICS}`, "/config"],
    securityContext: RESTRICTED_CONTAINER,
    resources: {
      requests: { cpu: "50m", memory: "32Mi" },
      limits: { cpu: "500m", memory: "128Mi" },
    },
    volumeMounts: [
      { name: "config", mountPath: "/config" },
      { name: "scripts", mountPath: "/scripts", readOnly: true },
    ],
  };
}

function renderServer(config: JellyfinConfig, frame: AppFrameValues): Container {
  const gpu = config.hardwareTranscoding;
  const { requests, limits } = config.resources;
  return {
    name: "jellyfin",
    image: renderImage(appImages.jellyfin, frame.sources),
    env: [
      { name: "JELLYFIN_PublishedServerUrl", value: `http://${frame.address}:${config.nodePort}` },
      { name: "JELLYFIN_CONFIG_DIR", value: "/config/config" },
      { name: "JELLYFIN_DATA_DIR", value: "/config" },
      { name: "JELLYFIN_LOG_DIR", value: "/config/log" },
      { name: "JELLYFIN_CACHE_DIR", value: "/cache" },
    ],
    ports: [
      { name: "http", containerPort: JELLYFIN_PORTS.http, protocol: "TCP" },
      { name: "https", containerPort: JELLYFIN_PORTS.https, protocol: "TCP" },
    ],
    // Up to five minutes: a start after an update migrates the library's database.
    startupProbe: { httpGet: HEALTH, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 60 },
    readinessProbe: { httpGet: HEALTH, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    // Transcoding may starve the health check: only two minutes without an answer are a hang.
    livenessProbe: { httpGet: HEALTH, periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6 },
    securityContext: RESTRICTED_CONTAINER,
    resources: {
      requests: { cpu: requests.cpu, memory: renderQuantity(requests.memory) },
      limits: {
        cpu: limits.cpu,
        memory: renderQuantity(limits.memory),
        ...(gpu === undefined ? {} : { [gpu.resource]: "1" }),
      },
    },
    volumeMounts: [
      { name: "config", mountPath: "/config" },
      { name: "media", mountPath: "/media", readOnly: true },
      { name: "cache", mountPath: "/cache" },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}
