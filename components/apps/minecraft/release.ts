import * as k8s from "@pulumi/kubernetes";
import * as random from "@pulumi/random";
import { readScript } from "../../remote/step";
import { renderChartSource } from "../../shared/charts";
import type { Resources } from "../../shared/scalars";
import { renderQuantity } from "../../shared/units";
import { appCharts, appImages, pinnedTag } from "../../versions";
import type { AppFrame, AppFrameValues } from "../frame/app";
import type { MinecraftConfig } from "./minecraft";
import { renderPodSecurity, RESTRICTED_CONTAINER } from "../../shared/pod-security";
import { leaveReplicasOut, renderImage, renderRepository, type AppSources } from "../frame/sources";

/** Where Java edition listens. */
export const MINECRAFT_PORT = 25_565;

const RCON_SECRET = { name: "minecraft-rcon", key: "rcon-password" } as const;
const BACK_UP = "back-up-world.sh";

/** A server that makes its first world, or converts an old one, needs up to ten minutes. */
const STARTUP = { periodSeconds: 10, failureThreshold: 60 };

/** Minecraft by its chart: the generated RCON password, the script that packs the world, the release. */
export function deployMinecraft(config: MinecraftConfig, frame: AppFrame): void {
  const password = new random.RandomPassword(
    `${frame.prefix}-rcon-password`,
    { length: 32, special: false },
    { parent: frame.parent },
  );
  const rcon = new k8s.core.v1.Secret(
    `${frame.prefix}-rcon`,
    {
      metadata: { name: RCON_SECRET.name, namespace: frame.namespace },
      stringData: { [RCON_SECRET.key]: password.result },
    },
    frame.after(),
  );
  const scripts = new k8s.core.v1.ConfigMap(
    `${frame.prefix}-scripts`,
    {
      metadata: { name: "minecraft-scripts", namespace: frame.namespace },
      data: { [BACK_UP]: readScript(__dirname, `files/${BACK_UP}`) },
    },
    frame.after(),
  );
  new k8s.helm.v3.Release(
    `${frame.prefix}-release`,
    {
      name: "minecraft",
      namespace: frame.namespace,
      ...renderChartSource(appCharts.minecraft, frame.sources),
      values: renderMinecraftValues(config, frame),
      ...leaveReplicasOut(),
      // A machine that is asleep must not hold up an update of everything else.
      ...(frame.sleeps ? { skipAwait: true } : { atomic: true, timeout: frame.sources.timeout }),
    },
    frame.after(rcon, scripts),
  );
}

/** Heap of the JVM in MiB for a memory limit in bytes: the rest is for code, threads and buffers. */
export function heapSize(limit: number): number {
  return Math.floor((limit * 0.75) / 2 ** 20);
}

/** Values of the chart; its own labels are the frame's selector, so only the others are added. */
export function renderMinecraftValues(
  config: MinecraftConfig,
  frame: AppFrameValues,
): Record<string, unknown> {
  const labels = Object.fromEntries(
    Object.entries(frame.labels).filter(([key]) => !(key in frame.selector)),
  );
  const health = {
    command: ["mc-health"],
    timeoutSeconds: 10,
    periodSeconds: 15,
    failureThreshold: 4,
  };
  return {
    image: {
      repository: renderRepository(appImages.minecraft.repository, frame.sources),
      tag: pinnedTag(appImages.minecraft),
      pullPolicy: "IfNotPresent",
    },
    fullnameOverride: "minecraft",
    // The power layer sets it to 0 while the machine is switched off; see files/leave-replicas-out.sh.
    replicaCount: null,
    strategyType: "Recreate",
    nodeSelector: frame.placement.nodeSelector,
    tolerations: frame.placement.tolerations,
    podLabels: labels,
    deploymentLabels: labels,
    podSecurityContext: renderPodSecurity(config.uid, config.world.storageClass !== undefined),
    securityContext: RESTRICTED_CONTAINER,
    // The chart takes these as text.
    extraPodSpec: {
      automountServiceAccountToken: "false",
      enableServiceLinks: "false",
      // The server saves its world when it stops.
      terminationGracePeriodSeconds: "120",
    },
    resources: renderResources(config.resources),
    startupProbe: { command: ["mc-health"], enabled: true, ...STARTUP },
    readinessProbe: { ...health, initialDelaySeconds: 0 },
    livenessProbe: { ...health, initialDelaySeconds: 0 },
    initContainers: [renderBackup(config, frame.sources)],
    extraVolumes: [
      {
        volumes: [
          { name: "scripts", configMap: { name: "minecraft-scripts", defaultMode: 0o555 } },
        ],
      },
    ],
    persistence: { dataDir: { enabled: true, existingClaim: "world" } },
    minecraftServer: renderServer(config, frame.serviceType),
  };
}

function renderServer(
  config: MinecraftConfig,
  serviceType: AppFrame["serviceType"],
): Record<string, unknown> {
  return {
    eula: "TRUE",
    version: config.version,
    type: config.type,
    motd: config.motd,
    difficulty: config.difficulty,
    gameMode: config.gameMode,
    maxPlayers: config.maxPlayers,
    whitelist: config.whitelist.join(","),
    ops: config.operators.join(","),
    memory: `${heapSize(config.resources.limits.memory)}M`,
    serviceType,
    ...(serviceType === "NodePort" ? { nodePort: config.nodePort } : {}),
    rcon: { enabled: true, existingSecret: RCON_SECRET.name, secretKey: RCON_SECRET.key },
  };
}

/** What opens the world: an update is whatever changes it. */
export function renderVersion(config: Pick<MinecraftConfig, "version" | "type">): string {
  const { version: chart } = appCharts.minecraft;
  return `${config.version}-${config.type}-${appImages.minecraft.tag}-${chart}`;
}

/** An update packs the world first; see files/back-up-world.sh. */
function renderBackup(config: MinecraftConfig, sources: AppSources): Record<string, unknown> {
  return {
    name: "back-up-world",
    image: renderImage(appImages.minecraft, sources),
    command: ["/bin/sh", `/scripts/${BACK_UP}`, "/data", renderVersion(config)],
    securityContext: RESTRICTED_CONTAINER,
    resources: {
      requests: { cpu: "100m", memory: "64Mi" },
      limits: { cpu: "2", memory: "256Mi" },
    },
    volumeMounts: [
      { name: "datadir", mountPath: "/data" },
      { name: "scripts", mountPath: "/scripts", readOnly: true },
    ],
  };
}

function renderResources({ requests, limits }: Resources): Record<string, unknown> {
  return {
    requests: { cpu: requests.cpu, memory: renderQuantity(requests.memory) },
    limits: { cpu: limits.cpu, memory: renderQuantity(limits.memory) },
  };
}
