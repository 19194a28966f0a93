import type { HypervisorConfig, VmConfig } from "../../components/hypervisor/config";
import type { Problem } from "../../components/shared/problem";
import type { SiteMachine } from "../site";

export type Virtual = SiteMachine & { readonly vm: VmConfig };

/** Seconds that a host and then a machine on it take to start, at the least. */
const HOST_AND_MACHINE = 600;

/** That what is switched off can be switched on again, and that the hosts which stay on can do without the others. */
export function hypervisorPowerRules(
  virtual: readonly Virtual[],
  hypervisor: HypervisorConfig,
  monitors: readonly string[] = [],
): Problem[] {
  const { hosts, powerTokenSecret, tokenSecret } = hypervisor;
  const sleepers = virtual.filter(({ sleeps }) => sleeps);
  return [
    ...sleepers.flatMap(suspended),
    ...(sleepers.length > 0 && powerTokenSecret === undefined ? [withoutToken(sleepers)] : []),
    ...(powerTokenSecret === tokenSecret ? [sameToken(tokenSecret)] : []),
    ...Object.entries(hosts).flatMap(([name, { power }]) =>
      power.mode === "sleeps" ? hostProblems(name, virtual) : [],
    ),
    ...lostQuorum(hosts),
    ...sleepingMonitors(hosts, monitors),
  ];
}

/** Only a hypervisor can save a machine's memory and give it back: a real one would need swap for it, and its BIOS. */
export function hibernationRules(machines: readonly SiteMachine[]): Problem[] {
  return machines.flatMap(({ name, power, vm }) =>
    vm !== undefined || power.mode !== "sleeps" || power.method !== "hibernate"
      ? []
      : [
          {
            path: `machines.${name}.power.method`,
            found: "hibernate, on a machine without vm",
            accepted: "suspend or poweroff; the hypervisor hibernates virtual machines alone",
          },
        ],
  );
}

/** Proxmox could wake a guest that is suspended to RAM; its host would have to keep that RAM, and stay on. */
function suspended({ name, power }: Virtual): Problem[] {
  if (power.mode !== "sleeps" || power.method !== "suspend") return [];
  return [
    {
      path: `machines.${name}.power.method`,
      found: `${power.method}, on a virtual machine`,
      accepted: "poweroff or hibernate: a guest that is suspended keeps its memory on the host",
    },
  ];
}

function withoutToken(sleepers: readonly Virtual[]): Problem {
  return {
    path: "hypervisor.powerTokenSecret",
    found: `nothing, and ${sleepers.map(({ name }) => name).join(", ")} would not be woken again`,
    accepted:
      "the secret key of a token that may start machines; docs/hypervisor.md has its rights",
  };
}

function sameToken(secret: string): Problem {
  return {
    path: "hypervisor.powerTokenSecret",
    found: `${secret}, which is hypervisor.tokenSecret too`,
    accepted: "a token of its own, which can make and delete nothing: it is kept on the controller",
  };
}

function hostProblems(host: string, virtual: readonly Virtual[]): Problem[] {
  const here = virtual.filter(({ vm }) => vm.host === host);
  const awake = here.filter(({ sleeps }) => !sleeps).map(({ name }) => name);
  const path = `hypervisor.hosts.${host}.power.mode`;
  if (awake.length > 0)
    return [
      {
        path,
        found: `sleeps, with ${awake.join(", ")} on it, always-on`,
        accepted: "always-on, or machines on it that all sleep",
      },
    ];
  if (here.length === 0)
    return [
      {
        path,
        found: "sleeps, with none of the stack's machines on it: nothing would wake it",
        accepted: "always-on, or a machine on it that sleeps",
      },
    ];
  return here.flatMap(({ name, power }) => {
    const timeout = power.mode === "sleeps" ? power.wakeTimeout : undefined;
    if (timeout !== undefined && timeout >= HOST_AND_MACHINE) return [];
    return [
      {
        path: `machines.${name}.power.wakeTimeout`,
        found: timeout === undefined ? "nothing" : `${timeout}s`,
        accepted: `10m or more: its host ${host} starts first`,
      },
    ];
  });
}

/** More than half of a cluster's hosts must be up, or Proxmox changes nothing: not even a machine is started then. */
function lostQuorum(hosts: HypervisorConfig["hosts"]): Problem[] {
  const all = Object.entries(hosts);
  const sleepers = all.filter(([, { power }]) => power.mode === "sleeps").map(([name]) => name);
  const needed = Math.floor(all.length / 2) + 1;
  if (all.length === 1 || sleepers.length === 0 || all.length - sleepers.length >= needed)
    return [];
  return sleepers.map((name) => ({
    path: `hypervisor.hosts.${name}.power.mode`,
    found: `sleeps: without ${sleepers.join(", ")} ${all.length - sleepers.length} of ${all.length} hosts are left, and quorum needs ${needed}`,
    accepted: `at most ${all.length - needed} hosts that sleep, with all hosts of the Proxmox cluster under hypervisor.hosts`,
  }));
}

/** Ceph has a quorum too; what the configuration does not name is left to the controller, which asks Proxmox. */
function sleepingMonitors(
  hosts: HypervisorConfig["hosts"],
  monitors: readonly string[],
): Problem[] {
  return Object.entries(hosts)
    .filter(([, { address, power }]) => power.mode === "sleeps" && monitors.includes(address))
    .map(([name, { address }]) => ({
      path: `hypervisor.hosts.${name}.power.mode`,
      found: `sleeps, with the monitor of Ceph ${address} on it (platform.storage.ceph.monitors)`,
      accepted: "always-on: without its monitors Ceph has no quorum, and no volume answers",
    }));
}
