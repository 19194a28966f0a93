import type { PolicyNeed, PolicyPeer } from "../../shared/facts";
import { MONITORING_NAMESPACE } from "../../shared/metrics";
import { nodePortPeers, ownNetworks } from "../../shared/policies";
import type { AppSite } from "../frame/app";
import type { ConfiguredConfig } from "./schema";

/** Policies are about all pods of the app's namespace: how a chart labels its pods is not known. */
const ALL_PODS = {};

const tcp = (ports: readonly number[]) =>
  [...new Set(ports)].map((port) => ({ port, protocol: "TCP" }) as const);

/** Who reaches the app's pods, and whom they reach. */
export function renderPolicies(
  app: string,
  config: ConfiguredConfig,
  site: AppSite,
): readonly PolicyNeed[] {
  return [
    ...renderIngress(app, config, site),
    ...renderScrape(app, config),
    renderBetween(app, "ingress"),
    renderBetween(app, "egress"),
    ...renderEgress(app, config, site),
  ];
}

const podPortOf = ({ port, podPort }: ConfiguredConfig["ports"][string]): number => podPort ?? port;

/**
 * The LAN where there is a NodePort. Pod addresses in any case: the ingress has one, and so has what a machine forwards to
 * a pod on another machine.
 */
function renderIngress(app: string, { ports }: ConfiguredConfig, site: AppSite): PolicyNeed[] {
  const all = Object.values(ports);
  const open = all.filter(({ nodePort }) => nodePort !== undefined);
  const pods = { cidr: site.network.podCidr };
  const need = (name: string, peers: readonly PolicyPeer[], of: typeof all): PolicyNeed => ({
    ...{ name: `${app}-${name}`, pods: ALL_PODS, direction: "ingress", peers },
    ports: tcp(of.map(podPortOf)),
  });
  const named = all.filter(({ nodePort }) => nodePort === undefined);
  return [
    ...(open.length === 0 ? [] : [need("from-lan", nodePortPeers(site), open)]),
    ...(named.length === 0 ? [] : [need("from-ingress", [pods], named)]),
  ];
}

function renderScrape(app: string, { metrics, ports }: ConfiguredConfig): PolicyNeed[] {
  const port = metrics && ports[metrics.port];
  if (port === undefined) return [];
  return [
    {
      name: `${app}-from-monitoring`,
      pods: ALL_PODS,
      direction: "ingress",
      peers: [{ namespace: MONITORING_NAMESPACE }],
      ports: tcp([podPortOf(port)]),
    },
  ];
}

/** An app may be of several parts, such as a server and its database. */
function renderBetween(app: string, direction: PolicyNeed["direction"]): PolicyNeed {
  const name = `${app}-${direction === "ingress" ? "from" : "to"}-its-pods`;
  return { name, pods: ALL_PODS, direction, peers: [{ pods: ALL_PODS }], ports: [] };
}

function renderEgress(app: string, { egress }: ConfiguredConfig, site: AppSite): PolicyNeed[] {
  const { lan } = site;
  const need = (name: string, peer: PolicyPeer, ports: readonly number[]): PolicyNeed[] =>
    ports.length === 0
      ? []
      : [
          {
            ...{ name: `${app}-to-${name}`, pods: ALL_PODS, direction: "egress" },
            ...{ peers: [peer], ports: tcp(ports) },
          },
        ];
  const except = ownNetworks(site);
  return [
    ...need("internet", { cidr: "0.0.0.0/0", except }, egress.internet),
    ...need("lan", { cidr: lan.cidr }, egress.lan),
    ...Object.entries(egress.namespaces).flatMap(([namespace, ports]) =>
      need(`namespace-${namespace}`, { namespace }, ports),
    ),
  ];
}
