import type { Change } from "./homelab";

export const NODE_CIDR = "10.0.0.0/24";

/** The addresses that the machines of the tests' homelab have for each other, where they have any. */
export const NODE_ADDRESSES = { maple: "10.0.0.10", spruce: "10.0.0.11", hazel: "10.0.0.12" };

/** The tests' homelab, whose machines are real, with a second NIC in each. */
export const NODE_NETWORK: readonly Change[] = [
  [["node", "clusterCidr"], NODE_CIDR],
  ...Object.entries(NODE_ADDRESSES).flatMap(([name, address]): Change[] => [
    [["machines", name, "clusterAddress"], address],
    [["machines", name, "clusterNic"], "enp7s0"],
  ]),
];
