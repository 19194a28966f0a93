import type { FirewallRule, LayerFacts, PackageNeed, SecretUse } from "../shared/facts";
import type { PowerConfig } from "./config";
import type { PowerMachine } from "./names";
import type { SleepingApp } from "./types";

export interface PowerContext {
  readonly machines: readonly PowerMachine[];
  /** Name of the machine that runs the controller; undefined where there is none, which is told elsewhere. */
  readonly controller: string | undefined;
  /** What apps/ says of the apps whose machine sleeps. */
  readonly sleepingApps: readonly SleepingApp[];
}

/** What the power layer asks of machines: none where no machine sleeps. */
export function powerFacts(config: PowerConfig, context: PowerContext): LayerFacts {
  const sleepers = context.machines.filter((machine) => machine.sleeps);
  const { controller } = context;
  const placements = config.calendar.flatMap((entry, i) =>
    entry.machines.map((machine, j) => ({
      path: `power.calendar[${i}].machines[${j}]`,
      machine,
    })),
  );
  if (controller === undefined || sleepers.length === 0) return { placements };
  return {
    placements,
    firewall: advertisedPorts(controller, context.sleepingApps),
    packages: packages(controller, sleepers),
    secrets: secrets(sleepers),
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
  const ipmi = sleepers.some((machine) => machine.bmc !== undefined) ? ["ipmitool"] : [];
  return [
    {
      machines: [controller],
      debian: ["python3", "openssh-client", "tzdata", ...ipmi],
      rhel: ["python3", "openssh-clients", "tzdata", ...ipmi],
    },
    {
      machines: sleepers.map((machine) => machine.name),
      debian: ["ethtool", "python3", "sudo", "util-linux"],
      rhel: ["ethtool", "python3", "sudo", "util-linux"],
    },
  ];
}

function secrets(sleepers: readonly PowerMachine[]): SecretUse[] {
  return sleepers.flatMap(({ name, bmc }) =>
    bmc === undefined
      ? []
      : [
          {
            path: `machines.${name}.bmc.passwordSecret`,
            name: bmc.passwordSecret,
            leftOut: `IPMI as a second way to wake ${name}`,
          },
        ],
  );
}
