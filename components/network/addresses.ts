import { addressIn } from "../shared/addresses";
import { ENCAPSULATIONS, type NetworkConfig } from "./config";

/** The tenth address of the service network, as kubeadm chooses it, unless the configuration names another. */
export function clusterDnsOf(network: Pick<NetworkConfig, "clusterDns" | "serviceCidr">): string {
  return network.clusterDns ?? addressIn(network.serviceCidr, 10);
}

/** The network that machines have for themselves beside the LAN, where they have one. */
export interface NodeNetwork {
  readonly nodeCidr?: string;
}

const ETHERNET_MTU = 1500;

/** The networks with what follows from them. */
export interface ClusterNetwork extends NetworkConfig, NodeNetwork {
  readonly clusterDns: string;
  readonly mtu: number;
  /** The LAN's. */
  readonly lanCidr: string;
}

export function clusterNetworkOf(
  network: NetworkConfig & NodeNetwork,
  lanCidr: string,
): ClusterNetwork {
  return { ...network, clusterDns: clusterDnsOf(network), mtu: mtuOf(network), lanCidr };
}

/** MTU of pods: the configured one, else an Ethernet NIC's less the encapsulation's header. */
export function mtuOf(network: Pick<NetworkConfig, "encapsulation" | "mtu">): number {
  return network.mtu ?? ETHERNET_MTU - ENCAPSULATIONS[network.encapsulation];
}
