import { parseRange } from "../../shared/addresses";
import type {
  AddressUse,
  FirewallRule,
  LayerFacts,
  NamespaceNeed,
  ScrapeNeed,
} from "../../shared/facts";
import { MONITORING_NAMESPACE } from "../../shared/metrics";
import { apiEgress, ingress, machinePeers, tcp } from "../../shared/policies";
import { podsOf } from "../names";
import type { PlatformSite } from "../part";
import { steadyMachines } from "../place";
import type { LoadBalancerConfig } from "./config";
import { NAMESPACE } from "./names";
import { loadBalancerAlerts, loadBalancerDashboard } from "./alerts";
import { MEMBERS_PORT, METRICS_PORT } from "./render-values";

const PATH = "platform.loadBalancer";
const WEBHOOK_PORT = 9443;

const CONTROLLER = podsOf("metallb", "controller");
const SPEAKER = podsOf("metallb", "speaker");

const scrape = (name: string, pods: ScrapeNeed["pods"]): ScrapeNeed => ({
  ...{ name, namespace: NAMESPACE, pods },
  ...{ port: METRICS_PORT, scheme: "https", asksWho: true },
});

export function announcersOf(
  { machines: wanted }: Pick<LoadBalancerConfig, "machines">,
  machines: PlatformSite["machines"],
): readonly string[] {
  return wanted === undefined ? steadyMachines(machines) : [...wanted].sort();
}

export function loadBalancerFacts(config: LoadBalancerConfig, site: PlatformSite): LayerFacts {
  const announcers = announcersOf(config, site.machines);
  const steady = steadyMachines(site.machines);
  return {
    addresses: config.addresses.flatMap(poolUse),
    placements: (config.machines ?? []).map((machine, i) => ({
      path: `${PATH}.machines[${i}]`,
      machine,
    })),
    memory: [
      ...announcers.map((machine) => ({
        path: `${PATH}.speaker.limits.memory`,
        machine,
        user: "MetalLB's speaker",
        bytes: config.speaker.limits.memory,
      })),
      ...steady.map((machine) => ({
        path: `${PATH}.controller.limits.memory`,
        machine,
        user: "MetalLB's controller",
        bytes: config.controller.limits.memory,
      })),
    ],
    firewall: firewall(announcers, site.monitored),
    namespaces: [namespace(site)],
    alerts: [loadBalancerAlerts],
    dashboards: [loadBalancerDashboard],
    scrapes: [
      scrape("metallb-controller", CONTROLLER),
      { ...scrape("metallb-speaker", SPEAKER), onMachines: announcers },
    ],
    packages:
      site.controller === undefined
        ? []
        : [{ machines: [site.controller.name], debian: ["python3"], rhel: ["python3"] }],
  };
}

function poolUse(written: string, i: number): AddressUse[] {
  const range = parseRange(written);
  if (range === undefined) return [];
  return [
    {
      path: `${PATH}.addresses[${i}]`,
      ...range,
      written,
      user: "the load balancer",
      scope: "lan",
      pool: "pool",
    },
  ];
}

function firewall(announcers: readonly string[], monitored: boolean): FirewallRule[] {
  const members = (protocol: "tcp" | "udp"): FirewallRule => ({
    machines: announcers,
    purpose: "MetalLB's speakers among themselves",
    protocol,
    ports: [MEMBERS_PORT],
    from: ["machines"],
  });
  const metrics: FirewallRule = {
    machines: announcers,
    purpose: "MetalLB's metrics",
    protocol: "tcp",
    ports: [METRICS_PORT],
    from: ["pods", "machines"],
  };
  return [
    ...(announcers.length > 1 ? [members("tcp"), members("udp")] : []),
    ...(monitored ? [metrics] : []),
  ];
}

/** The speaker answers ARP by itself, for which it needs the machine's own network and raw packets. */
function namespace(site: PlatformSite): NamespaceNeed {
  // An API server on another machine comes by the address of its tunnel, which is one of the pods' network.
  const apiServers = [...machinePeers(site), { cidr: site.network.podCidr }];
  return {
    name: NAMESPACE,
    podSecurity: "privileged",
    policies: [
      apiEgress("controller", CONTROLLER, site),
      ingress("controller-from-api", CONTROLLER, apiServers, tcp(WEBHOOK_PORT)),
      ingress(
        "controller-from-monitoring",
        CONTROLLER,
        [{ namespace: MONITORING_NAMESPACE }],
        tcp(METRICS_PORT),
      ),
    ],
  };
}
