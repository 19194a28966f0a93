import type { LayerFacts, PolicyPeer } from "../../shared/facts";
import { apiEgress, egress, INTERNET } from "../../shared/policies";
import type { PlatformSite } from "../part";
import { steadyMachines } from "../place";
import { tailnetAlerts, tailnetDashboard } from "./alerts";
import type { TailnetConfig } from "./config";
import { NAMESPACE, PATH, PODS } from "./names";
import { wideRoutes } from "./routes";

export function tailnetFacts(
  config: TailnetConfig,
  site: PlatformSite,
  routes: readonly string[],
): LayerFacts {
  return {
    memory: steadyMachines(site.machines).map((machine) => ({
      path: `${PATH}.resources.limits.memory`,
      machine,
      user: "Tailscale",
      bytes: config.resources.limits.memory,
    })),
    namespaces: [
      {
        name: NAMESPACE,
        podSecurity: "restricted",
        policies: [
          apiEgress("tailnet", PODS, site),
          // To relays, and straight to devices, whose ports nobody knows.
          egress("tailnet-to-internet", PODS, [INTERNET], []),
          egress("tailnet-to-routes", PODS, behind(site, routes), []),
        ],
      },
    ],
    secrets: [
      {
        path: `${PATH}.authSecret`,
        name: config.authSecret,
        leftOut: "the device of the tailnet is not made",
      },
    ],
    alerts: [tailnetAlerts],
    dashboards: [tailnetDashboard],
    openQuestions: wideRoutes(config, site),
  };
}

/** The routes, and the pods that answer for an address of the pool: policies see a packet after it was passed on to them. */
function behind({ offers, network }: PlatformSite, routes: readonly string[]): PolicyPeer[] {
  const { ingress, names } = offers;
  return [
    ...routes.map((cidr) => ({ cidr })),
    ...(ingress === undefined ? [] : [{ namespace: ingress.namespace, pods: ingress.pods }]),
    ...(names === undefined ? [] : [{ namespace: "names" }]),
    ...(ingress === undefined && names === undefined ? [{ cidr: network.podCidr }] : []),
  ];
}
