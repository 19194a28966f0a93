import type { FirewallRule, LayerFacts, PackageNeed } from "../shared/facts";
import type { PowerConfig } from "./config";
import type { PowerMachine } from "./names";
import { listMachines } from "./triggers/triggers";
import type { SleepingApp } from "./types";
import { listPackages, listSecrets } from "./ways/ways";

export interface PowerContext {
  readonly machines: readonly PowerMachine[];
  /** Name of the machine that runs the controller; undefined if there is none, which another check reports. */
  readonly controller: string | undefined;
  /** What apps/ says of the apps whose machine sleeps. */
  readonly sleepingApps: readonly SleepingApp[];
}

/** What the power layer asks of machines: none where no machine sleeps. */
export function powerFacts(config: PowerConfig, context: PowerContext): LayerFacts {
  const sleepers = context.machines.filter((machine) => machine.sleeps);
  const { controller } = context;
  const placements = listMachines(config);
  if (controller === undefined || sleepers.length === 0) return { placements };
  return {
    placements,
    firewall: advertisedPorts(controller, context.sleepingApps),
    packages: packages(controller, sleepers),
    secrets: listSecrets(sleepers).map(({ path, name, leftOut }) => ({ path, name, leftOut })),
  };
}

function advertisedPorts(controller: string, apps: readonly SleepingApp[]): FirewallRule[] {
  return apps
    .filter((app) => app.advertised.length > 0)
    .map((app) => ({
      machines: [controller],
      purpose: `${app.app}, held while its machine sleeps`,
      protocol: "tcp",
      ports: app.advertised.map(({ port }) => port),
      from: ["lan"],
    }));
}

function packages(controller: string, sleepers: readonly PowerMachine[]): PackageNeed[] {
  const toWake = listPackages(sleepers);
  return [
    {
      machines: [controller],
      debian: ["python3", "openssh-client", "tzdata", ...toWake],
      rhel: ["python3", "openssh-clients", "tzdata", ...toWake],
    },
    {
      machines: sleepers.map((machine) => machine.name),
      debian: ["ethtool", "python3", "sudo", "util-linux"],
      rhel: ["ethtool", "python3", "sudo", "util-linux"],
    },
  ];
}
