import { addressIn, broadcastOf } from "../shared/addresses";
import type { AddressUse, LayerFacts } from "../shared/facts";
import type { NetworkConfig } from "./config";

/** What this layer makes through Calico's own API server, as kubectl names it. */
export const calicoResources = [
  "hostendpoints.v3.projectcalico.org",
  "globalnetworkpolicies.v3.projectcalico.org",
] as const;

/** The cluster's networks, and what seeing that pods reach each other asks of the control plane that does it. */
export function networkFacts(
  config: Pick<NetworkConfig, "podCidr" | "serviceCidr">,
  controller: string | undefined,
): LayerFacts {
  const addresses = [
    network("podCidr", config.podCidr, "the cluster's pods"),
    network("serviceCidr", config.serviceCidr, "the cluster's services"),
  ];
  if (controller === undefined) return { addresses };
  return {
    addresses,
    packages: [
      {
        machines: [controller],
        debian: ["iproute2", "iputils-ping", "python3"],
        rhel: ["iproute", "iputils", "python3"],
      },
    ],
  };
}

function network(key: string, cidr: string, user: string): AddressUse {
  return {
    path: `network.${key}`,
    from: addressIn(cidr, 0),
    to: broadcastOf(cidr),
    written: cidr,
    user,
    scope: "cluster",
  };
}
