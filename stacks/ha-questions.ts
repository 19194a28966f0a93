import type { HypervisorConfig } from "../components/hypervisor/config";
import { isVirtual, type VirtualMachine } from "../components/hypervisor/virtual";
import { renderQuantity } from "../components/shared/units";
import type { Site } from "./site";
import type { Warning } from "./warnings";

/** Why Proxmox's high availability may not help on the day on which a host fails. */
export function highAvailabilityQuestions({
  config: { hypervisor },
  machines,
}: Pick<Site, "config" | "machines">): Warning[] {
  const virtual = machines.filter(isVirtual);
  if (hypervisor === undefined || virtual.every(({ vm }) => vm.ha === undefined)) return [];
  const { hosts } = hypervisor;
  return [
    ...(Object.keys(hosts).length === 2 ? [twoHosts()] : []),
    ...Object.keys(hosts).flatMap((host) => withoutRoom(host, hosts, virtual)),
  ];
}

function twoHosts(): Warning {
  return {
    path: "hypervisor.hosts",
    message:
      "of two hosts one alone has no quorum, and Proxmox starts no machine then: high availability needs a third host or a QDevice",
  };
}

/** The host's machines in high availability, the largest first, each where most room is left. */
function withoutRoom(
  failed: string,
  hosts: HypervisorConfig["hosts"],
  virtual: readonly VirtualMachine[],
): Warning[] {
  const others = Object.entries(hosts).filter(
    ([name, { power }]) => name !== failed && power.mode === "always-on",
  );
  const room = new Map(
    others.map(([name, { memory, reserve }]) => [
      name,
      memory - reserve - sum(virtual.filter(({ vm }) => vm.host === name)),
    ]),
  );
  const moved = virtual
    .filter(({ vm }) => vm.host === failed && vm.ha !== undefined)
    .sort((a, b) => (b.memory ?? 0) - (a.memory ?? 0));
  const left = moved.filter((machine) => !place(machine, room));
  if (left.length === 0) return [];
  const list = left.map(({ name, memory = 0 }) => `${name} ${renderQuantity(memory)}`).join(", ");
  return [
    {
      path: `hypervisor.hosts.${failed}`,
      message: `if it fails, no other host has the memory for ${list} (vm.ha): Proxmox would start too much on one`,
    },
  ];
}

function place({ vm, memory = 0 }: VirtualMachine, room: Map<string, number>): boolean {
  const isAllowed = (host: string): boolean =>
    vm.ha?.strict !== true || vm.ha.hosts?.includes(host) === true;
  const [best] = [...room].filter(([host]) => isAllowed(host)).sort((a, b) => b[1] - a[1]);
  if (best === undefined || best[1] < memory) return false;
  room.set(best[0], best[1] - memory);
  return true;
}

function sum(machines: readonly VirtualMachine[]): number {
  return machines.reduce((total, { memory = 0 }) => total + memory, 0);
}
