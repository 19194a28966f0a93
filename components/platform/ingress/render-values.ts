import type { ChartReleaseSpec } from "../../shared/chart-release";
import type { ChartSources } from "../../shared/charts";
import type { Values } from "../../shared/json";
import { renderResources } from "../../shared/placement";
import { platformCharts } from "../../versions";
import { renderPlatformPlacement, spreadOver } from "../place";
import type { IngressConfig } from "./config";
import { CLASS, PODS, PORTS } from "./names";

export interface IngressSite {
  /** Names of the machines that answer for its address: only where one of its pods is. */
  readonly machines: readonly string[];
  readonly replicas: number;
  readonly podCidr: string;
  readonly charts: Pick<ChartSources, "imageRegistry">;
}

export function renderRelease(config: IngressConfig, site: IngressSite): ChartReleaseSpec {
  return {
    release: "traefik",
    pin: platformCharts.traefik,
    values: renderValues(config, site),
    daemonSet: false,
  };
}

function renderValues(config: IngressConfig, site: IngressSite): Values {
  const { imageRegistry } = site.charts;
  return {
    ...(imageRegistry === undefined ? {} : { image: { registry: imageRegistry } }),
    deployment: { replicas: site.replicas },
    podDisruptionBudget: { enabled: site.replicas > 1, maxUnavailable: 1 },
    resources: renderResources(config.resources),
    ...renderPlatformPlacement(site.machines),
    topologySpreadConstraints: [spreadOver(PODS)],
    ingressClass: { enabled: true, isDefaultClass: true, name: CLASS },
    ...renderWhatIsOff(),
    providers: {
      kubernetesCRD: { enabled: false },
      // A path that leads to a Service without pods has to stay a path of its own, which answers 503: see closed paths.
      kubernetesIngress: { enabled: true, ingressClass: CLASS, allowEmptyServices: true },
    },
    ports: renderPorts(site.podCidr),
    service: {
      annotations: { "metallb.io/loadBalancerIPs": config.address },
      // Local keeps the clients' addresses. Nobody asks for it by a port of a machine.
      spec: {
        type: "LoadBalancer",
        externalTrafficPolicy: "Local",
        allocateLoadBalancerNodePorts: false,
      },
    },
  };
}

/** Its dashboard, kinds of objects of its own, the Gateway API, and what it would tell its makers. */
function renderWhatIsOff(): Values {
  return {
    api: { dashboard: false },
    ingressRoute: { dashboard: { enabled: false } },
    gateway: { enabled: false },
    gatewayClass: { enabled: false },
    global: { checkNewVersion: false, sendAnonymousUsage: false },
  };
}

/** A client that comes directly says nothing that is believed of whom it speaks for. */
function renderPorts(podCidr: string): Values {
  return {
    web: {
      port: PORTS.web,
      http: {
        redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } },
      },
    },
    websecure: { port: PORTS.websecure, asDefault: true },
    // By a policy, only the tunnel's pods reach this port.
    tunnel: {
      port: PORTS.tunnel,
      protocol: "TCP",
      asDefault: true,
      expose: { default: false },
      forwardedHeaders: { trustedIPs: [podCidr] },
    },
    metrics: { port: PORTS.metrics },
  };
}
