import type { FirewallRule, LayerFacts } from "../shared/facts";
import { renderBackup, renderClaimUse } from "./backups";
import type { HostUse } from "../shared/hosts";
import type { MonitoringConfig } from "./config";
import type { MonitoringContext } from "./context";
import { NAMESPACE } from "./names";
import type { MachinePort, NamedService } from "./part";
import { planMonitoring } from "./plan";
import { directoryOf } from "./volumes";

/** What monitoring needs of other layers, and what has to be checked across them. */
export function monitoringFacts(config: MonitoringConfig, context: MonitoringContext): LayerFacts {
  const { plans, all, policies } = planMonitoring(config, context);
  const volumes = plans.flatMap((plan) => plan.volumes ?? []);
  const placed = config.storageClass === undefined ? volumes : [];
  return {
    nodePorts: all.served.map(({ path, nodePort }) => ({ path, port: nodePort })),
    placements: [{ path: "monitoring.machine", machine: config.machine }],
    claims:
      config.storageClass === undefined
        ? []
        : volumes.map((volume) => renderClaimUse(volume, config, config.storageClass)),
    volumes: placed.map((volume) => ({
      path: "monitoring.machine",
      machine: config.machine,
      directory: directoryOf(volume, config),
      directoryPath: "monitoring.directory",
      configured: config.directory,
      user: volume.user,
      sleepsWith: false,
    })),
    memory: plans.flatMap((plan) => plan.memory ?? []),
    firewall: plans.flatMap((plan) => [
      ...(plan.machinePorts ?? []).flatMap(openMachinePort),
      ...(plan.firewall ?? []),
    ]),
    packages: plans.flatMap((plan) => plan.packages ?? []),
    namespaces: [
      {
        name: NAMESPACE,
        // Exporters and the log collector read the machines' own files and devices.
        podSecurity: "privileged",
        policies,
      },
    ],
    secrets: plans.flatMap((plan) => plan.secrets ?? []),
    hosts: plans.flatMap(({ hosts = [] }) => hosts.map(hostUse)),
    backups: placed.map((volume) => renderBackup(volume, config)),
  };
}

/** A pod reaches its own machine by its own address, another one by that of the machine it runs on (Calico's NAT). */
function openMachinePort({ port, purpose, machines }: MachinePort): FirewallRule[] {
  if (machines.length === 0) return [];
  return [{ machines, purpose, protocol: "tcp", ports: [port], from: ["pods", "machines"] }];
}

/** What has no log-in of its own is for home alone, so none of them has a name for everybody. */
export function hostUse({ path, written, service, servicePort }: NamedService): HostUse {
  return {
    path,
    written,
    access: "internal",
    namespace: NAMESPACE,
    service,
    port: servicePort,
  };
}
