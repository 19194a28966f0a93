import type { FirewallRule, LayerFacts, MemoryUse, SecretUse } from "../shared/facts";
import { listBackups } from "./backups";
import type { MonitoringConfig } from "./config";
import { machinesWithBmc, type MonitoringContext, type MonitoringSite } from "./context";
import { NAMESPACE, PORTS } from "./names";
import { renderNodePorts } from "./node-ports";
import { renderPolicies } from "./policies";
import { findReceiverSecret } from "./render-alertmanager";
import { SMALL } from "./small-parts";
import { renderVolumes } from "./volumes";

/** What monitoring needs of other layers, and what has to be checked across them. */
export function monitoringFacts(config: MonitoringConfig, context: MonitoringContext): LayerFacts {
  const site: MonitoringSite = { ...context, config };
  return {
    nodePorts: renderNodePorts(config).map(({ name, nodePort }) => ({
      path: `monitoring.${name}.nodePort`,
      port: nodePort,
    })),
    placements: [{ path: "monitoring.machine", machine: config.machine }],
    volumes: renderVolumes(config).map(({ user, directory }) => ({
      path: "monitoring.machine",
      machine: config.machine,
      directory,
      directoryPath: "monitoring.directory",
      configured: config.directory,
      user,
      sleepsWith: false,
    })),
    memory: memoryUses(site),
    firewall: firewallRules(site),
    packages: [{ machines: bmcNames(site), debian: ["ipmitool"], rhel: ["ipmitool", "OpenIPMI"] }],
    namespaces: [
      {
        name: NAMESPACE,
        // node_exporter and Alloy read the machine's own files, the IPMI exporter its device.
        podSecurity: "privileged",
        policies: renderPolicies(site),
      },
    ],
    secrets: receiverSecrets(config),
    backups: listBackups(config),
  };
}

function bmcNames(site: MonitoringContext): string[] {
  return machinesWithBmc(site.machines).map((machine) => machine.name);
}

/** Limits of all that runs on the monitoring machine, and of the DaemonSets on every machine. */
function memoryUses(site: MonitoringSite): MemoryUse[] {
  const { config } = site;
  const small = (user: string, bytes: number): MemoryUse => ({
    path: "monitoring",
    user,
    bytes,
    machine: config.machine,
  });
  const parts = [
    ["prometheus", "Prometheus"],
    ["loki", "Loki"],
    ["grafana", "Grafana"],
    ["alertmanager", "Alertmanager"],
    ["blackbox", "the blackbox exporter"],
  ] as const;
  return [
    ...parts.map(([part, user]) => limitOf(site, part, user, config.machine)),
    ...(bmcNames(site).length === 0
      ? []
      : [limitOf(site, "ipmi", "the IPMI exporter", config.machine)]),
    small("the Prometheus operator", SMALL.operator.limits.memory),
    small("kube-state-metrics", SMALL.kubeStateMetrics.limits.memory),
    small("two configuration reloaders", 2 * SMALL.configReloader.limits.memory),
    ...daemonSetMemory(site),
  ];
}

function limitOf(
  { config }: MonitoringSite,
  part: "prometheus" | "loki" | "grafana" | "alertmanager" | "blackbox" | "ipmi" | "alloy",
  user: string,
  machine: string,
): MemoryUse {
  const { memory } = config[part].resources.limits;
  return { path: `monitoring.${part}.resources.limits.memory`, user, bytes: memory, machine };
}

function daemonSetMemory(site: MonitoringSite): MemoryUse[] {
  return [
    ...site.machines.flatMap(({ name }) => [
      limitOf(site, "alloy", "Alloy", name),
      {
        path: "monitoring",
        user: "node_exporter and Alloy's reloader",
        bytes: SMALL.nodeExporter.limits.memory + SMALL.configReloader.limits.memory,
        machine: name,
      },
    ]),
    ...bmcNames(site).map((name) =>
      limitOf(site, "ipmi", "the IPMI exporter on the machine", name),
    ),
  ];
}

/** A pod reaches its own machine by its own address, another one by that of the machine it runs on (Calico's NAT). */
function firewallRules(site: MonitoringSite): FirewallRule[] {
  const rule = (machines: string[], purpose: string, port: number): FirewallRule => ({
    machines,
    purpose,
    protocol: "tcp",
    ports: [port],
    from: ["pods", "machines"],
  });
  const withBmc = bmcNames(site);
  return [
    rule(
      site.machines.map((machine) => machine.name),
      "node_exporter",
      PORTS.nodeExporter,
    ),
    ...(withBmc.length === 0 ? [] : [rule(withBmc, "IPMI exporter", PORTS.ipmi)]),
    rule([site.logServer], "probe of the syslog server", PORTS.syslog),
  ];
}

function receiverSecrets(config: MonitoringConfig): SecretUse[] {
  const secret = findReceiverSecret(config.alertmanager.receiver);
  if (secret === undefined) return [];
  return [
    {
      path: `monitoring.alertmanager.receiver.${secret.key}`,
      name: secret.name,
      leftOut: "alerts are shown in Grafana and Prometheus, and sent nowhere",
    },
  ];
}
