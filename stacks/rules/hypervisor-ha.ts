import { closest } from "fastest-levenshtein";
import type { HaConfig, HypervisorConfig } from "../../components/hypervisor/config";
import type { Problem } from "../../components/shared/problem";
import type { Virtual } from "./hypervisor-power";

/** That Proxmox's high availability has hosts to move a machine to, and nothing else that starts and stops it. */
export function hypervisorHaRules(
  virtual: readonly Virtual[],
  { hosts }: HypervisorConfig,
): Problem[] {
  return virtual.flatMap((machine) => {
    const { ha } = machine.vm;
    if (ha === undefined) return [];
    return [
      ...asleep(machine),
      ...tooFewHosts(machine, hosts),
      ...(ha.hosts ?? []).flatMap((host, i) => unfitHost(machine, hosts, { host, i })),
      ...otherFirst(machine, ha),
    ];
  });
}

function asleep({ name, sleeps }: Virtual): Problem[] {
  if (!sleeps) return [];
  return [
    {
      path: `machines.${name}.vm.ha`,
      found: "high availability, on a machine that sleeps: Proxmox would start it at once",
      accepted: `no ha, or machines.${name}.power.mode always-on`,
    },
  ];
}

/** A host that is named and sleeps is refused by itself. */
function tooFewHosts({ name, vm }: Virtual, hosts: HypervisorConfig["hosts"]): Problem[] {
  if (vm.ha?.hosts !== undefined) return [];
  const awake = Object.entries(hosts).flatMap(([host, { power }]) =>
    power.mode === "always-on" ? [host] : [],
  );
  if (awake.length >= 2) return [];
  const list = awake.join(", ");
  return [
    {
      path: `machines.${name}.vm.ha`,
      found: `high availability, and ${list === "" ? "no host" : `${list} alone`} is always on`,
      accepted: "no ha, or two hosts or more under vmstation:hypervisor.hosts that are always on",
    },
  ];
}

function unfitHost(
  { name }: Virtual,
  hosts: HypervisorConfig["hosts"],
  { host, i }: { readonly host: string; readonly i: number },
): Problem[] {
  const path = `machines.${name}.vm.ha.hosts.${i}`;
  const known = Object.keys(hosts);
  const found = hosts[host];
  if (found === undefined)
    return [
      {
        path,
        found: `${host}, which is no host of vmstation:hypervisor`,
        accepted: `one of ${known.join(", ")}; did you mean ${closest(host, known)}?`,
      },
    ];
  if (found.power.mode === "always-on") return [];
  return [
    {
      path,
      found: `${host}, a host that sleeps: it could not take ${name} over`,
      accepted: "hosts that are always on",
    },
  ];
}

/** High availability would move the machine to its first host, whatever the machine's own says. */
function otherFirst({ name, vm }: Virtual, { hosts }: HaConfig): Problem[] {
  const [first] = hosts ?? [];
  if (first === undefined || first === vm.host) return [];
  return [
    {
      path: `machines.${name}.vm.ha.hosts.0`,
      found: `${first}, and machines.${name}.vm.host is ${vm.host}`,
      accepted: `${vm.host} first, or vm.host: ${first}`,
    },
  ];
}
