import { addressesOf, type WithAddresses } from "./addresses";
import type { PolicyNeed, PolicyPeer } from "./facts";

type Pods = PolicyNeed["pods"];

type Ports = PolicyNeed["ports"];

export const tcp = (...ports: readonly number[]): Ports =>
  ports.map((port) => ({ port, protocol: "TCP" as const }));

/** Everything that has an address. */
export const ANYWHERE: readonly PolicyPeer[] = [{ cidr: "0.0.0.0/0" }];

/** Networks of homes and firms (RFC 1918). */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** The internet, and nothing of the home. */
export const INTERNET: PolicyPeer = { cidr: "0.0.0.0/0", except: PRIVATE };

/** `peers` may connect to the pods' ports; to all of them where none is named. */
export function ingress(
  name: string,
  pods: Pods,
  peers: readonly PolicyPeer[],
  ports: Ports,
): PolicyNeed {
  return { name, pods, direction: "ingress", peers, ports };
}

/** The networks of a stack. */
export interface Networks {
  readonly lan: { readonly cidr: string };
  readonly network: {
    readonly podCidr: string;
    readonly serviceCidr: string;
    readonly nodeCidr?: string | undefined;
  };
}

/** The homelab's own networks: what is not the internet. */
export function ownNetworks({ lan, network }: Networks): string[] {
  const { podCidr, serviceCidr, nodeCidr } = network;
  return [lan.cidr, podCidr, serviceCidr, ...(nodeCidr === undefined ? [] : [nodeCidr])];
}

/**
 * Who comes by a NodePort: the LAN, and what a machine forwards from there to a pod on another one. That carries the
 * address of its tunnel, which is of the pods' network, or the one that machines have for each other.
 */
export function nodePortPeers({ lan, network }: Networks): PolicyPeer[] {
  const { podCidr, nodeCidr } = network;
  const cidrs = [lan.cidr, podCidr, ...(nodeCidr === undefined ? [] : [nodeCidr])];
  return cidrs.map((cidr) => ({ cidr }));
}

/** The pods may connect to ports of `peers`; to all of them where none is named. */
export function egress(
  name: string,
  pods: Pods,
  peers: readonly PolicyPeer[],
  ports: Ports,
): PolicyNeed {
  return { name, pods, direction: "egress", peers, ports };
}

/** What of the stack a policy may be about. */
interface Peers {
  readonly machines: readonly (WithAddresses & { readonly roles: readonly string[] })[];
  /** Port of the API servers. */
  readonly apiServerPort: number;
}

/** The machines of the cluster, each by its addresses. */
export function machinePeers({
  machines,
}: {
  readonly machines: readonly WithAddresses[];
}): PolicyPeer[] {
  return machines.flatMap(addressesOf).map((address) => ({ cidr: `${address}/32` }));
}

/** The pods of `client` may ask the API servers. */
export function apiEgress(
  client: string,
  pods: Pods,
  { machines, apiServerPort }: Peers,
): PolicyNeed {
  const controlPlanes = machines.filter((machine) => machine.roles.includes("control-plane"));
  const peers = machinePeers({ machines: controlPlanes });
  return egress(`${client}-to-api`, pods, peers, tcp(apiServerPort));
}
