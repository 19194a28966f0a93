import type { PolicyNeed, PolicyPeer } from "../shared/facts";
import { machinesWithBmc, type MonitoringSite } from "./context";
import { PODS, PORTS } from "./names";

type Pods = Readonly<Record<string, string>>;
type Ports = PolicyNeed["ports"];

const tcp = (...ports: readonly number[]): Ports =>
  ports.map((port) => ({ port, protocol: "TCP" as const }));

const from = (
  name: string,
  pods: Pods,
  peers: readonly PolicyPeer[],
  ports: Ports,
): PolicyNeed => ({ name, pods, direction: "ingress", peers, ports });

const to = (name: string, pods: Pods, peers: readonly PolicyPeer[], ports: Ports): PolicyNeed => ({
  name,
  pods,
  direction: "egress",
  peers,
  ports,
});

/** Ports of machines that Prometheus reads: exporters, kubelet, and the control plane's parts. */
const MACHINE_METRICS = [
  PORTS.nodeExporter,
  PORTS.ipmi,
  2381, // etcd
  PORTS.apiServer,
  10_249, // kube-proxy
  10_250, // kubelet
  10_257, // controller manager
  10_259, // scheduler
];

/** Who may connect to monitoring's pods. */
function renderIngress(site: MonitoringSite): PolicyNeed[] {
  const lan: PolicyPeer[] = [{ cidr: site.lan.cidr }];
  const grafana: PolicyPeer = { pods: PODS.grafana };
  const blackbox: PolicyPeer = { pods: PODS.blackbox };
  return [
    from("everything-from-prometheus", {}, [{ pods: PODS.prometheus }], []),
    from("prometheus-from-lan", PODS.prometheus, lan, tcp(PORTS.prometheus)),
    from("grafana-from-lan", PODS.grafana, lan, tcp(PORTS.grafana)),
    // Loki has no log-in, and its API can stop it: Grafana, which has one, is where people look.
    from(
      "loki-from-lan",
      PODS.loki,
      site.config.loki.openToLan ? lan : machinePeers(site),
      tcp(PORTS.loki),
    ),
    from("prometheus-from-grafana", PODS.prometheus, [grafana, blackbox], tcp(PORTS.prometheus)),
    from("grafana-from-probes", PODS.grafana, [blackbox], tcp(PORTS.grafana)),
    from(
      "loki-from-its-users",
      PODS.loki,
      [grafana, blackbox, { pods: PODS.alloy }],
      tcp(PORTS.loki),
    ),
    // Its parts talk to each other through its Service, also where they are one process.
    from("loki-from-itself", PODS.loki, [{ pods: PODS.loki }], tcp(PORTS.loki, PORTS.lokiGrpc)),
  ];
}

const machinePeers = (site: MonitoringSite): PolicyPeer[] =>
  site.machines.map((machine) => ({ cidr: `${machine.address}/32` }));

/** Whom monitoring's pods may connect to, names apart (every namespace may ask DNS). */
function renderEgress(site: MonitoringSite): PolicyNeed[] {
  const apiServers = site.machines
    .filter((machine) => machine.roles.includes("control-plane"))
    .map((machine): PolicyPeer => ({ cidr: `${machine.address}/32` }));
  const machines = machinePeers(site);
  const anywhere: PolicyPeer[] = [{ cidr: "0.0.0.0/0" }];
  const clients = {
    operator: PODS.operator,
    prometheus: PODS.prometheus,
    "kube-state-metrics": PODS.kubeStateMetrics,
    alloy: PODS.alloy,
  };
  return [
    ...Object.entries(clients).map(([name, pods]) =>
      to(`${name}-to-api`, pods, apiServers, tcp(PORTS.apiServer)),
    ),
    to("prometheus-to-pods", PODS.prometheus, [{ cidr: site.network.podCidr }], []),
    to("prometheus-to-machines", PODS.prometheus, machines, tcp(...MACHINE_METRICS)),
    to("grafana-to-prometheus", PODS.grafana, [{ pods: PODS.prometheus }], tcp(PORTS.prometheus)),
    to("grafana-to-loki", PODS.grafana, [{ pods: PODS.loki }], tcp(PORTS.loki)),
    to("alloy-to-loki", PODS.alloy, [{ pods: PODS.loki }], tcp(PORTS.loki)),
    to("loki-to-itself", PODS.loki, [{ pods: PODS.loki }], tcp(PORTS.loki, PORTS.lokiGrpc)),
    to("probes-to-anywhere", PODS.blackbox, anywhere, []),
    ...(site.config.alertmanager.receiver.type === "none"
      ? []
      : [to("alertmanager-to-receiver", PODS.alertmanager, anywhere, [])]),
    ...renderBmcEgress(site),
  ];
}

function renderBmcEgress(site: MonitoringSite): PolicyNeed[] {
  const bmcs = machinesWithBmc(site.machines);
  if (bmcs.length === 0) return [];
  const peers = bmcs.map(({ bmc }): PolicyPeer => ({ cidr: `${bmc.address}/32` }));
  return [to("ipmi-to-bmc", PODS.ipmi, peers, [{ port: PORTS.bmc, protocol: "UDP" }])];
}

/** What the namespace's default deny has to let through. */
export function renderPolicies(site: MonitoringSite): readonly PolicyNeed[] {
  return [...renderIngress(site), ...renderEgress(site)];
}
