import type { PolicyNeed, PolicyPeer } from "../shared/facts";
import type { MonitoringContext } from "./context";
import type { Connection, Pods, ServedPort } from "./part";

type Ports = PolicyNeed["ports"];

export const tcp = (...ports: readonly number[]): Ports =>
  ports.map((port) => ({ port, protocol: "TCP" as const }));

/** Everything that has an address. */
export const ANYWHERE: readonly PolicyPeer[] = [{ cidr: "0.0.0.0/0" }];

/** `peers` may connect to the pods' ports; to all of them where none is named. */
export function ingress(
  name: string,
  pods: Pods,
  peers: readonly PolicyPeer[],
  ports: Ports,
): PolicyNeed {
  return { name, pods, direction: "ingress", peers, ports };
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

/** The machines of the cluster, each by its address. */
export function machinePeers({ machines }: Pick<MonitoringContext, "machines">): PolicyPeer[] {
  return machines.map((machine) => ({ cidr: `${machine.address}/32` }));
}

/** The pods of `client` may ask the API servers. */
export function apiEgress(
  client: string,
  pods: Pods,
  { machines, apiServerPort }: MonitoringContext,
): PolicyNeed {
  const controlPlanes = machines.filter((machine) => machine.roles.includes("control-plane"));
  const peers = machinePeers({ machines: controlPlanes });
  return egress(`${client}-to-api`, pods, peers, tcp(apiServerPort));
}

/** Lets the LAN to each port that has a NodePort. */
export function lanPolicies(served: readonly ServedPort[]): PolicyNeed[] {
  return served.map((each) =>
    ingress(`${each.name}-from-lan`, each.pods, each.lanPeers, tcp(each.port)),
  );
}

/** Both sides of the connections between parts. */
export function connectionPolicies(
  served: readonly ServedPort[],
  connections: readonly Connection[],
): PolicyNeed[] {
  const ins = served.flatMap((each) => {
    const clients = connections.filter(({ to }) => to.name === each.name);
    if (clients.length === 0) return [];
    const peers = clients.map(({ pods }) => ({ pods }));
    return [ingress(each.clientsPolicy, each.pods, peers, tcp(each.port))];
  });
  const outs = connections
    .filter(({ isOpen }) => !isOpen)
    .map(({ client, pods, to }) =>
      egress(`${client}-to-${to.name}`, pods, [{ pods: to.pods }], tcp(to.port)),
    );
  return [...ins, ...outs];
}
