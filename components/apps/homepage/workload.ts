import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { renderResources } from "../../shared/placement";
import { appImages } from "../../versions";
import type { AppFrame, AppFrameValues, AppLink, AppPort, AppSite } from "../frame/app";
import { renderPodSecurity, RESTRICTED_CONTAINER } from "../../shared/pod-security";
import { createAppService, renderAppService } from "../frame/service";
import { renderImage } from "../frame/sources";
import type { HomepageConfig } from "./config";
import { renderFiles } from "./render-page";

export const HOMEPAGE_PORT = 3000;

const NAME = "homepage";

/** Homepage's objects: its files, its Service, itself. */
export function deployHomepage(
  config: HomepageConfig,
  ports: readonly AppPort[],
  machines: AppSite["machines"],
  frame: AppFrame,
): void {
  const metadata = { name: NAME, namespace: frame.namespace, labels: frame.labels };
  const { apps, dashboards, prometheus } = frame.neighbours;
  const files = pulumi
    .all([resolve(apps), resolve(dashboards)])
    .apply(([known, shown]) =>
      renderFiles(config, { apps: known, dashboards: shown, machines, prometheus }),
    );
  const map = new k8s.core.v1.ConfigMap(
    `${frame.prefix}-files`,
    { metadata: { name: NAME, namespace: frame.namespace }, data: files },
    frame.after(),
  );
  const service = createAppService(NAME, renderAppService(ports, frame), frame);
  new k8s.apps.v1.Deployment(
    `${frame.prefix}-server`,
    {
      metadata: { ...metadata, annotations: { ...frame.annotations } },
      spec: renderDeployment(config, frame, files.apply(digest)),
    },
    frame.after(map, service),
  );
}

const resolve = (links: readonly AppLink[]) =>
  pulumi.output(links.map((link) => pulumi.output(link.url).apply((url) => ({ ...link, url }))));

const digest = (files: object): string =>
  createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16);

/** `replicas` is left out as of each app. */
export function renderDeployment(
  config: HomepageConfig,
  frame: AppFrameValues,
  files: pulumi.Input<string>,
): k8s.types.input.apps.v1.DeploymentSpec {
  return {
    selector: { matchLabels: { ...frame.selector } },
    template: {
      metadata: {
        labels: { ...frame.labels },
        // It keeps what it has read: other files start it again.
        annotations: { "vmstation.io/files": files },
      },
      spec: {
        ...frame.placement,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: renderPodSecurity(config.uid),
        containers: [renderServer(config, frame)],
        volumes: [
          { name: "files", configMap: { name: NAME } },
          { name: "cache", emptyDir: { sizeLimit: "128Mi" } },
          { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
        ],
      },
    },
  };
}

/** The names under which it answers: others get an error, so that no foreign page can ask it. */
export function allowedHosts(
  { nodePort }: HomepageConfig,
  { host, address }: Pick<AppFrameValues, "host" | "address">,
): string {
  return host ?? `${address}:${nodePort}`;
}

function renderServer(
  config: HomepageConfig,
  frame: AppFrameValues,
): k8s.types.input.core.v1.Container {
  const health = {
    httpGet: {
      path: "/api/healthcheck",
      port: "http",
      httpHeaders: [{ name: "Host", value: `localhost:${HOMEPAGE_PORT}` }],
    },
    timeoutSeconds: 5,
  };
  return {
    name: NAME,
    image: renderImage(appImages.homepage, frame.sources),
    env: [
      { name: "HOMEPAGE_ALLOWED_HOSTS", value: allowedHosts(config, frame) },
      { name: "LOG_TARGETS", value: "stdout" },
      // Where it listens: Kubernetes would put the pod's name there.
      { name: "HOSTNAME", value: "0.0.0.0" },
    ],
    ports: [{ name: "http", containerPort: HOMEPAGE_PORT, protocol: "TCP" }],
    startupProbe: { ...health, periodSeconds: 5, failureThreshold: 24 },
    readinessProbe: { ...health, periodSeconds: 10 },
    livenessProbe: { ...health, periodSeconds: 20, failureThreshold: 6 },
    securityContext: RESTRICTED_CONTAINER,
    resources: renderResources(config.resources),
    volumeMounts: [
      { name: "files", mountPath: "/app/config", readOnly: true },
      { name: "cache", mountPath: "/app/.next/cache" },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}
