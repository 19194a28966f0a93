import type { LayerFacts, NamespaceNeed } from "../../shared/facts";
import type { HostUse } from "../../shared/hosts";
import { MONITORING_NAMESPACE } from "../../shared/metrics";
import { egress, INTERNET, ingress, tcp } from "../../shared/policies";
import { NAMESPACE as INGRESS_NAMESPACE, PODS as INGRESS_PODS, PORTS } from "../ingress/names";
import type { PlatformSite } from "../part";
import { steadyMachines } from "../place";
import { tunnelAlerts, tunnelDashboard } from "./alerts";
import type { TunnelConfig } from "./config";
import { EDGE_PORT, METRICS_PORT, NAME, NAMESPACE, PATH, PODS } from "./names";
import { tunnelQuestions } from "./public-hosts";

export function tunnelFacts(
  config: TunnelConfig,
  site: PlatformSite,
  hosts: readonly HostUse[],
): LayerFacts {
  const machines = steadyMachines(site.machines);
  const podsEach = Math.ceil(config.replicas / Math.max(machines.length, 1));
  return {
    memory: machines.map((machine) => ({
      path: `${PATH}.resources.limits.memory`,
      machine,
      user: NAME,
      bytes: podsEach * config.resources.limits.memory,
    })),
    namespaces: [NAMESPACE_NEED],
    secrets: [
      {
        path: `${PATH}.tokenSecret`,
        name: config.tokenSecret,
        leftOut: "the tunnel is not made, and public names have no record in DNS",
      },
    ],
    alerts: [tunnelAlerts],
    dashboards: [tunnelDashboard],
    scrapes: [{ name: NAME, namespace: NAMESPACE, pods: PODS, port: METRICS_PORT }],
    openQuestions: tunnelQuestions(config, site, hosts),
  };
}

/** It connects to Cloudflare, and nobody to it. Of the home it reaches the ingress alone. */
const NAMESPACE_NEED: NamespaceNeed = {
  name: NAMESPACE,
  podSecurity: "restricted",
  policies: [
    egress(
      "cloudflared-to-cloudflare",
      PODS,
      [INTERNET],
      [...tcp(EDGE_PORT), { port: EDGE_PORT, protocol: "UDP" }],
    ),
    egress(
      "cloudflared-to-ingress",
      PODS,
      [{ namespace: INGRESS_NAMESPACE, pods: INGRESS_PODS }],
      tcp(PORTS.tunnel),
    ),
    ingress(
      "cloudflared-from-monitoring",
      PODS,
      [{ namespace: MONITORING_NAMESPACE }],
      tcp(METRICS_PORT),
    ),
  ],
};
