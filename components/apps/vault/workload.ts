import * as k8s from "@pulumi/kubernetes";
import { renderResources } from "../../shared/placement";
import type { AppFrame, AppFrameValues } from "../frame/app";
import type { VaultConfig } from "./config";
import { renderEnginePod, variables } from "./engine-pod";
import { ENGINES } from "./engines";
import { CLUSTER_PORT, NAME, VAULT_PORT } from "./names";

const SETTINGS = "/etc/vault";
const DATA = "/var/lib/store";

/** The store's objects: its settings, its Service, itself. Yields its Service. */
export function deployVault(config: VaultConfig, frame: AppFrame): k8s.core.v1.Service {
  const metadata = { name: NAME, namespace: frame.namespace, labels: frame.labels };
  // Pulumi would wait for pods that are Ready, and a sealed one is not.
  const annotations = { "pulumi.com/skipAwait": "true" };
  const settings = new k8s.core.v1.ConfigMap(
    `${frame.prefix}-settings`,
    {
      metadata: { name: `${NAME}-settings`, namespace: frame.namespace },
      data: { "settings.json": `${JSON.stringify(renderSettings(config), null, 2)}\n` },
    },
    frame.after(),
  );
  const service = new k8s.core.v1.Service(
    `${frame.prefix}-service`,
    {
      metadata: { ...metadata, annotations: { ...annotations, ...SERVICE_ANNOTATIONS } },
      spec: renderService(frame),
    },
    frame.after(),
  );
  new k8s.apps.v1.StatefulSet(
    `${frame.prefix}-server`,
    { metadata: { ...metadata, annotations }, spec: renderStatefulSet(config, frame) },
    frame.after(settings, service),
  );
  return service;
}

/**
 * The ingress goes by the Service's own address. By those of its pods, it would leave out one that is not Ready, although
 * the Service publishes it.
 */
export const SERVICE_ANNOTATIONS = { "traefik.ingress.kubernetes.io/service.nativelb": "true" };

/** Also to a pod that is not Ready: a sealed one is unsealed by way of it. */
export function renderService(
  frame: Pick<AppFrameValues, "selector">,
): k8s.types.input.core.v1.ServiceSpec {
  return {
    type: "ClusterIP",
    publishNotReadyAddresses: true,
    selector: { ...frame.selector },
    ports: [{ name: "http", port: VAULT_PORT, targetPort: "http", protocol: "TCP" }],
  };
}

/** The settings file of either engine. TLS is the ingress' own. */
export function renderSettings({ engine }: Pick<VaultConfig, "engine">) {
  return {
    ui: true,
    ...ENGINES[engine].settings,
    listener: [{ tcp: { address: `0.0.0.0:${VAULT_PORT}`, tls_disable: true } }],
    storage: { raft: { path: DATA, node_id: `${NAME}-0` } },
    api_addr: `http://${NAME}.${NAME}.svc:${VAULT_PORT}`,
    cluster_addr: `https://127.0.0.1:${CLUSTER_PORT}`,
  };
}

/** One server; `replicas` is left out as of each app. */
export function renderStatefulSet(
  config: VaultConfig,
  frame: AppFrameValues,
): k8s.types.input.apps.v1.StatefulSetSpec {
  const engine = ENGINES[config.engine];
  const health = "/v1/sys/health?standbyok=true";
  const get = (path: string) => ({ httpGet: { path, port: "http" }, timeoutSeconds: 5 });
  const server = {
    name: NAME,
    command: [engine.program, "server", `-config=${SETTINGS}/settings.json`],
    env: variables({ [`${engine.variables}_ADDR`]: `http://127.0.0.1:${VAULT_PORT}` }),
    ports: [{ name: "http", containerPort: VAULT_PORT, protocol: "TCP" }],
    // Ready only while it gives out secrets. Sealed, or without its first keys, it is well.
    readinessProbe: { ...get(health), periodSeconds: 10 },
    livenessProbe: {
      ...get(`${health}&sealedcode=204&uninitcode=204`),
      ...{ initialDelaySeconds: 30, periodSeconds: 20, failureThreshold: 6 },
    },
    resources: renderResources(config.resources),
    volumeMounts: [
      { name: "data", mountPath: DATA },
      { name: "settings", mountPath: SETTINGS, readOnly: true },
    ],
  };
  return {
    serviceName: NAME,
    selector: { matchLabels: { ...frame.selector } },
    template: {
      metadata: { labels: { ...frame.labels } },
      spec: renderEnginePod(config, frame, server, [
        { name: "data", persistentVolumeClaim: { claimName: "data" } },
        { name: "settings", configMap: { name: `${NAME}-settings` } },
      ]),
    },
  };
}
