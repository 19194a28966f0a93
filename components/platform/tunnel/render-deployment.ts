import { renderImage, type ChartSources } from "../../shared/charts";
import { renderResources } from "../../shared/placement";
import { platformImages } from "../../versions";
import { renderPodSecurity, RESTRICTED_CONTAINER } from "../../shared/pod-security";
import { renderPlatformPlacement, spreadOver } from "../place";
import type { TunnelConfig } from "./config";
import { METRICS_PORT, NAME, PODS } from "./names";
import { FILES } from "./render-config";

/** Its pods, on as many machines as there are. */
export function renderDeployment(
  { replicas, resources }: TunnelConfig,
  machines: readonly string[],
  charts: ChartSources,
) {
  return {
    replicas,
    selector: { matchLabels: PODS },
    template: {
      metadata: { labels: PODS },
      spec: {
        ...renderPlatformPlacement(machines),
        topologySpreadConstraints: [spreadOver(PODS)],
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        // As long as it lets requests end.
        terminationGracePeriodSeconds: 35,
        securityContext: { ...renderPodSecurity(65_532), fsGroup: 65_532 },
        containers: [renderContainer(resources, charts)],
        volumes: [
          { name: "config", configMap: { name: NAME } },
          { name: "credentials", secret: { secretName: NAME, defaultMode: 0o440 } },
        ],
      },
    },
  };
}

function renderContainer(resources: TunnelConfig["resources"], charts: ChartSources) {
  const probe = (path: string) => ({
    httpGet: { path, port: METRICS_PORT },
    periodSeconds: 10,
    timeoutSeconds: 5,
  });
  return {
    name: NAME,
    image: renderImage(platformImages.cloudflared, charts),
    args: [
      ...["tunnel", "--no-autoupdate", "--config", `${FILES.config}/config.yaml`],
      ...["--metrics", `0.0.0.0:${METRICS_PORT}`, "run"],
    ],
    ports: [{ name: "metrics", containerPort: METRICS_PORT }],
    // Ready: it has a connection to Cloudflare. Without the internet a new start would help nobody.
    readinessProbe: probe("/ready"),
    livenessProbe: { ...probe("/healthcheck"), initialDelaySeconds: 10 },
    resources: renderResources(resources),
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [
      { name: "config", mountPath: FILES.config, readOnly: true },
      { name: "credentials", mountPath: FILES.secret, readOnly: true },
    ],
  };
}
