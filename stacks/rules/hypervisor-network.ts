import type { HypervisorConfig } from "../../components/hypervisor/config";
import { isOnNetwork } from "../../components/hypervisor/nics";
import { mtuOf } from "../../components/network/addresses";
import { ENCAPSULATIONS } from "../../components/network/config";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";
import type { Virtual } from "./hypervisor-power";

/** What VXLAN adds to each frame. */
const VXLAN = 50;

/** That frames of a network between hosts fit into theirs, and those of pods into it. */
export function hypervisorNetworkRules(
  virtual: readonly Virtual[],
  hypervisor: HypervisorConfig,
  site: Pick<Site, "network">,
): Problem[] {
  const { network } = hypervisor;
  if (network === undefined) return [];
  return [
    ...Object.entries(hypervisor.hosts).flatMap(([host, { mtu }]) =>
      network.mtu <= mtu - VXLAN ? [] : [tooLarge(network.mtu, host, mtu)],
    ),
    ...takenName(network, hypervisor),
    ...tooLargeForPods(virtual, hypervisor, network, site),
  ];
}

function tooLarge(found: number, host: string, mtu: number): Problem {
  return {
    path: "hypervisor.network.mtu",
    found: `${found}, and the NIC of ${host} takes ${mtu} bytes, of which VXLAN needs ${VXLAN}`,
    accepted: `${mtu - VXLAN} or less, or hypervisor.hosts.${host}.mtu where it has jumbo frames`,
  };
}

/** The vnet is made as a bridge of its name, and vmbr0 is one already. */
function takenName(
  { vnet, manage }: NonNullable<HypervisorConfig["network"]>,
  { bridge }: HypervisorConfig,
): Problem[] {
  if (!manage || vnet !== bridge || !/^vmbr\d+$/.test(vnet)) return [];
  return [
    {
      path: "hypervisor.network.vnet",
      found: `${vnet}, which is the hosts' own bridge`,
      accepted: "a name that no bridge has, such as homenet",
    },
  ];
}

function tooLargeForPods(
  virtual: readonly Virtual[],
  hypervisor: HypervisorConfig,
  network: NonNullable<HypervisorConfig["network"]>,
  site: Pick<Site, "network">,
): Problem[] {
  const [first] = virtual.filter((machine) => isOnNetwork(machine, hypervisor));
  const { encapsulation } = site.network;
  const room = network.mtu - ENCAPSULATIONS[encapsulation];
  const mtu = mtuOf(site.network);
  if (first === undefined || mtu <= room) return [];
  return [
    {
      path: "network.mtu",
      found: `${mtu}${site.network.mtu === undefined ? " by default" : ""}, and ${first.name} is on ${network.vnet}, which takes ${network.mtu}`,
      accepted: `${room} or less, with the encapsulation ${encapsulation}`,
    },
  ];
}
