import { closest } from "fastest-levenshtein";
import type { HypervisorConfig } from "../../components/hypervisor/config";
import { isVirtual } from "../../components/hypervisor/virtual";
import { renderQuantity } from "../../components/shared/units";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";
import { hypervisorHaRules } from "./hypervisor-ha";
import { hypervisorKeyRules } from "./hypervisor-keys";
import { hypervisorNetworkRules } from "./hypervisor-network";
import { hibernationRules, hypervisorPowerRules, type Virtual } from "./hypervisor-power";
import { hypervisorTrustRules } from "./hypervisor-trust";

/** That each virtual machine has a host with room for it, and a number of its own. */
export function hypervisorRules(site: Site): Problem[] {
  const virtual = site.machines.filter(isVirtual);
  const { hypervisor, platform } = site.config;
  const hibernation = hibernationRules(site.machines);
  if (hypervisor === undefined) return [...hibernation, ...virtual.map(withoutHypervisor)];
  return [
    ...hibernation,
    ...virtual.flatMap((machine) => unknownHost(machine, hypervisor)),
    ...virtual.flatMap((machine) => unfit(machine)),
    ...virtual.flatMap((machine, i) => takenId(machine, virtual.slice(0, i))),
    ...Object.keys(hypervisor.hosts).flatMap((host) => tooMuchMemory(host, hypervisor, virtual)),
    ...hypervisorPowerRules(virtual, hypervisor, platform?.storage?.ceph?.monitors),
    ...hypervisorNetworkRules(virtual, hypervisor, site),
    ...hypervisorKeyRules(virtual, hypervisor),
    ...hypervisorTrustRules(hypervisor),
    ...hypervisorHaRules(virtual, hypervisor),
  ];
}

function withoutHypervisor({ name }: Virtual): Problem {
  return {
    path: `machines.${name}.vm`,
    found: "a virtual machine, and no hypervisor",
    accepted: "vmstation:hypervisor, which says where it is made; for a real machine no vm",
  };
}

function unknownHost({ name, vm }: Virtual, { hosts }: HypervisorConfig): Problem[] {
  const known = Object.keys(hosts);
  if (known.includes(vm.host)) return [];
  return [
    {
      path: `machines.${name}.vm.host`,
      found: `${vm.host}, which is no host of vmstation:hypervisor`,
      accepted: `one of ${known.join(", ")}; did you mean ${closest(vm.host, known)}?`,
    },
  ];
}

/** Keys of the machine that do not go with being virtual. */
function unfit({ name, vm, memory, nic, bmc, mac }: Virtual): Problem[] {
  const problem = (key: string, found: string, accepted: string): Problem => ({
    path: `machines.${name}.${key}`,
    found,
    accepted,
  });
  return [
    ...(memory === undefined
      ? [problem("memory", "nothing, on a virtual machine", "the memory that it gets, such as 8Gi")]
      : []),
    ...(nic === undefined || nic === "eth0"
      ? []
      : [problem("nic", nic, "eth0: cloud-init gives a virtual machine's NIC this name")]),
    ...(bmc === undefined
      ? []
      : [problem("bmc", "a BMC of a virtual machine", "no bmc: the hypervisor's API is its BMC")]),
    ...(mac === undefined || mac === vm.mac
      ? []
      : [problem("mac", mac, `no mac here: a virtual NIC's is machines.${name}.vm.mac`)]),
  ];
}

function takenId({ name, vm }: Virtual, earlier: readonly Virtual[]): Problem[] {
  const twin = earlier.find((other) => other.vm.id === vm.id);
  if (twin === undefined) return [];
  return [
    {
      path: `machines.${name}.vm.id`,
      found: `${vm.id}, which vmstation:machines.${twin.name}.vm.id has too`,
      accepted: "a number that no other machine of the Proxmox cluster has",
    },
  ];
}

/** Without swap for its guests, a host that has too little memory ends one of them. */
function tooMuchMemory(
  host: string,
  { hosts }: HypervisorConfig,
  virtual: readonly Virtual[],
): Problem[] {
  const here = virtual.filter(({ vm }) => vm.host === host);
  const sum = here.reduce((total, { memory = 0 }) => total + memory, 0);
  const room = (hosts[host]?.memory ?? 0) - (hosts[host]?.reserve ?? 0);
  if (sum <= room) return [];
  const list = here.map(({ name, memory = 0 }) => `${name} ${renderQuantity(memory)}`).join(", ");
  return [
    {
      path: `hypervisor.hosts.${host}.memory`,
      found: `${renderQuantity(sum)} for ${list}, of ${renderQuantity(room)}`,
      accepted: "machines whose memory fits beside the host's own (hosts.HOST.reserve)",
    },
  ];
}
