import type { PolicyNeed } from "../shared/facts";
import { egress, ingress, tcp } from "../shared/policies";
import type { MonitoringContext } from "./context";
import type { Connection, NamedService, ServedPort } from "./part";

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

/** Lets the ingress to what has a name behind it. */
export function hostPolicies(
  named: readonly NamedService[],
  { ingress: before }: Pick<MonitoringContext, "ingress">,
): PolicyNeed[] {
  if (before === undefined) return [];
  const { namespace, pods } = before;
  return named.map((each) =>
    ingress(`${each.name}-from-ingress`, each.pods, [{ namespace, pods }], tcp(each.port)),
  );
}
