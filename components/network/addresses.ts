import { addressIn } from "../shared/addresses";
import { ENCAPSULATIONS, type NetworkConfig } from "./config";

/** The tenth address of the service network, as kubeadm chooses it, unless the configuration names another. */
export function clusterDnsOf(network: Pick<NetworkConfig, "clusterDns" | "serviceCidr">): string {
  return network.clusterDns ?? addressIn(network.serviceCidr, 10);
}

const ETHERNET_MTU = 1500;

/** The networks with what follows from them. */
export interface ClusterNetwork extends NetworkConfig {
  readonly clusterDns: string;
  readonly mtu: number;
}

export function clusterNetworkOf(network: NetworkConfig): ClusterNetwork {
  return { ...network, clusterDns: clusterDnsOf(network), mtu: mtuOf(network) };
}

/** MTU of pods: the configured one, else an Ethernet NIC's less the encapsulation's header. */
function mtuOf(network: Pick<NetworkConfig, "encapsulation" | "mtu">): number {
  return network.mtu ?? ETHERNET_MTU - ENCAPSULATIONS[network.encapsulation];
}
