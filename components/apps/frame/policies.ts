import type { PolicyNeed } from "../../shared/facts";
import { MONITORING_NAMESPACE } from "../../shared/metrics";
import { nodePortPeers, ownNetworks } from "../../shared/policies";
import type { AppSite } from "./app";
import { renderSelector } from "./placement";

type Where = Pick<AppSite, "lan" | "network">;

/** Who reaches an app's own ports: a NodePort, or the port that the control plane holds. */
export function renderPortPolicy(app: string, ports: readonly number[], site: Where): PolicyNeed {
  return {
    name: `${app}-from-lan`,
    pods: renderSelector(app),
    direction: "ingress",
    peers: nodePortPeers(site),
    ports: ports.map((port) => ({ port, protocol: "TCP" })),
  };
}

/** Pod addresses alone, which the ingress has and what the control plane passes on: never straight from the LAN. */
export function renderPodPolicy(app: string, port: number, { network }: Where): PolicyNeed {
  return {
    name: `${app}-from-ingress`,
    pods: renderSelector(app),
    direction: "ingress",
    peers: [{ cidr: network.podCidr }],
    ports: [{ port, protocol: "TCP" }],
  };
}

/** Prometheus fetches the app's metrics. */
export function renderScrapePolicy(app: string, port: number): PolicyNeed {
  return {
    name: `${app}-from-monitoring`,
    pods: renderSelector(app),
    direction: "ingress",
    peers: [{ namespace: MONITORING_NAMESPACE }],
    ports: [{ port, protocol: "TCP" }],
  };
}

/** The internet, and nothing of the homelab. */
export function renderInternetEgress(
  app: string,
  ports: readonly number[],
  site: Where,
): PolicyNeed {
  const except = ownNetworks(site);
  return {
    name: `${app}-to-internet`,
    pods: renderSelector(app),
    direction: "egress",
    peers: [{ cidr: "0.0.0.0/0", except }],
    ports: ports.map((port) => ({ port, protocol: "TCP" })),
  };
}
