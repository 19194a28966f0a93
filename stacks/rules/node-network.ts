import { isVirtual, networkOf } from "../../components/hypervisor/virtual";
import type { Problem } from "../../components/shared/problem";
import type { Site, SiteMachine } from "../site";

const NIC = "the NIC that has clusterAddress, such as enp3s0; eth1 on a virtual machine";

/** A network that the machines have for themselves: all of them are in it, each with a NIC of its own, or none is. */
export function nodeNetworkRules(site: Site): Problem[] {
  const inIt = site.machines.filter(({ clusterAddress }) => clusterAddress !== undefined);
  return [
    ...site.machines.flatMap(halfDescribed),
    ...twoNetworks(site),
    ...left(inIt, site.machines),
    ...withoutNetwork(inIt, site),
    ...inIt.flatMap(sameNic),
    ...inIt.flatMap((machine) => unfit(machine, site)),
    ...realBesideVirtual(inIt, site),
  ];
}

function halfDescribed({ name, clusterAddress, clusterNic }: SiteMachine): Problem[] {
  if ((clusterAddress === undefined) === (clusterNic === undefined)) return [];
  return clusterNic === undefined
    ? [
        {
          path: `machines.${name}.clusterNic`,
          found: `nothing, beside clusterAddress ${clusterAddress ?? ""}`,
          accepted: NIC,
        },
      ]
    : [
        {
          path: `machines.${name}.clusterAddress`,
          found: `nothing, beside clusterNic ${clusterNic}`,
          accepted: "the address that this NIC has, such as 10.0.0.10; or no clusterNic",
        },
      ];
}

function twoNetworks({ config: { node, hypervisor } }: Site): Problem[] {
  const ofHosts = hypervisor?.network?.cidr;
  if (node.clusterCidr === undefined || ofHosts === undefined) return [];
  return [
    {
      path: "node.clusterCidr",
      found: `${node.clusterCidr}, beside vmstation:hypervisor.network.cidr ${ofHosts}`,
      accepted: "one of the two: the network that all machines have their clusterAddress in",
    },
  ];
}

/** A machine outside of it reaches none of the others' nodes, and none reaches its pods. */
function left(inIt: readonly SiteMachine[], machines: readonly SiteMachine[]): Problem[] {
  if (inIt.length === 0) return [];
  const names = inIt.map(({ name }) => name).join(", ");
  return machines
    .filter(
      ({ clusterAddress, clusterNic }) => clusterAddress === undefined && clusterNic === undefined,
    )
    .map(({ name }) => ({
      path: `machines.${name}.clusterAddress`,
      found: `nothing, beside ${names} with one`,
      accepted: "an address in the same network, with clusterNic; or no machine has one",
    }));
}

function withoutNetwork([first]: readonly SiteMachine[], { config, machines }: Site): Problem[] {
  const { node, hypervisor } = config;
  if (first === undefined) return [];
  const isMade = machines.some(isVirtual);
  if ((isMade ? hypervisor?.network?.cidr : node.clusterCidr) !== undefined) return [];
  const key = isMade ? "hypervisor.network.cidr" : "node.clusterCidr";
  return [
    {
      path: `machines.${first.name}.clusterAddress`,
      found: `${first.clusterAddress ?? ""}, and no vmstation:${key}`,
      accepted: `vmstation:${key} such as 10.0.0.0/24, the network that it is in`,
    },
  ];
}

function sameNic({ name, nic, clusterNic }: SiteMachine): Problem[] {
  if (nic === undefined || nic !== clusterNic) return [];
  return [
    {
      path: `machines.${name}.clusterNic`,
      found: `${clusterNic}, which is its nic on the LAN`,
      accepted: "another NIC: both networks at one NIC are no two networks",
    },
  ];
}

/** Keys of a virtual machine that do not go with a second NIC. */
function unfit(machine: SiteMachine, { config: { hypervisor } }: Site): Problem[] {
  if (!isVirtual(machine)) return [];
  const { name, clusterNic, vm } = machine;
  const bridge =
    hypervisor !== undefined && networkOf(vm, hypervisor) !== undefined
      ? [
          {
            path: `machines.${name}.vm.bridge`,
            found: `${vm.bridge ?? hypervisor.bridge}, which its second NIC is on`,
            accepted: "a bridge to the LAN, such as vmbr0: clusterAddress makes the second NIC",
          },
        ]
      : [];
  if (clusterNic === undefined || clusterNic === "eth1") return bridge;
  return [
    ...bridge,
    {
      path: `machines.${name}.clusterNic`,
      found: clusterNic,
      accepted: "eth1: cloud-init gives a virtual machine's second NIC this name",
    },
  ];
}

/** The hypervisors' network joins their hosts, and nothing else. */
function realBesideVirtual(inIt: readonly SiteMachine[], { machines }: Site): Problem[] {
  const made = machines.filter(isVirtual);
  if (made.length === 0) return [];
  return inIt
    .filter((machine) => !isVirtual(machine))
    .map(({ name, clusterAddress }) => ({
      path: `machines.${name}.clusterAddress`,
      found: `${clusterAddress ?? ""}, on a real machine beside ${made.map((each) => each.name).join(", ")}`,
      accepted:
        "no clusterAddress on any machine: vmstation:hypervisor.network joins Proxmox hosts alone",
    }));
}
