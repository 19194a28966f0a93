import type { FirewallRule, LayerFacts, NamespaceNeed } from "../../shared/facts";
import type { HostUse } from "../../shared/hosts";
import { MONITORING_NAMESPACE } from "../../shared/metrics";
import { apiEgress, egress, ingress, tcp } from "../../shared/policies";
import type { PlatformSite } from "../part";
import { ingressAlerts, ingressDashboard } from "./alerts";
import type { IngressConfig } from "./config";
import { NAMESPACE, PODS, PORTS, TUNNEL_NAMESPACE } from "./names";

const PATH = "platform.ingress";

export function ingressFacts(
  config: IngressConfig,
  site: PlatformSite,
  machines: readonly string[],
  hosts: readonly HostUse[],
): LayerFacts {
  const { address } = config;
  return {
    addresses: [
      {
        path: `${PATH}.address`,
        from: address,
        to: address,
        written: address,
        user: "the ingress",
        scope: "lan",
        pool: "member",
      },
    ],
    memory: machines.map((machine) => ({
      path: `${PATH}.resources.limits.memory`,
      machine,
      user: "Traefik",
      bytes: config.resources.limits.memory,
    })),
    firewall: firewall(site, hosts),
    namespaces: [namespace(site, hosts)],
    alerts: [ingressAlerts],
    dashboards: [ingressDashboard],
    scrapes: [{ name: "traefik", namespace: NAMESPACE, pods: PODS, port: PORTS.metrics }],
  };
}

/** Its pods ask for sleeping apps at the ports that the control plane holds, by their own addresses where they run there. */
function firewall({ controller }: PlatformSite, hosts: readonly HostUse[]): FirewallRule[] {
  const ports = heldPorts(hosts);
  if (controller === undefined || ports.length === 0) return [];
  return [
    {
      machines: [controller.name],
      purpose: "the ingress, to apps whose machine sleeps",
      protocol: "tcp",
      ports,
      from: ["pods"],
    },
  ];
}

function heldPorts(hosts: readonly HostUse[]): number[] {
  const ports = hosts.flatMap(({ held }) => (held === undefined ? [] : [held.port]));
  return [...new Set(ports)].sort((a, b) => a - b);
}

function namespace(site: PlatformSite, hosts: readonly HostUse[]): NamespaceNeed {
  const held = [...new Set(hosts.flatMap((use) => use.held?.address ?? []))];
  const tunnel = { namespace: TUNNEL_NAMESPACE };
  return {
    name: NAMESPACE,
    podSecurity: "restricted",
    policies: [
      apiEgress("traefik", PODS, site),
      ingress("traefik-from-lan", PODS, [{ cidr: site.lan.cidr }], tcp(PORTS.web, PORTS.websecure)),
      ...(site.has("tunnel")
        ? [ingress("traefik-from-tunnel", PODS, [tunnel], tcp(PORTS.tunnel))]
        : []),
      ...(site.has("tailnet")
        ? [
            ingress(
              "traefik-from-tailnet",
              PODS,
              [{ namespace: "tailnet" }],
              tcp(PORTS.web, PORTS.websecure),
            ),
          ]
        : []),
      ingress(
        "traefik-from-monitoring",
        PODS,
        [{ namespace: MONITORING_NAMESPACE }],
        tcp(PORTS.metrics),
      ),
      // What is behind it says itself whether it lets it in.
      egress("traefik-to-pods", PODS, [{ cidr: site.network.podCidr }], []),
      ...(held.length === 0
        ? []
        : [
            egress(
              "traefik-to-held-ports",
              PODS,
              held.map((address) => ({ cidr: `${address}/32` })),
              tcp(...heldPorts(hosts)),
            ),
          ]),
    ],
  };
}
