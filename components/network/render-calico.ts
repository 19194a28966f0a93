/** What the pre-DNAT policy needs of a machine. */
export interface HostInterface {
  readonly name: string;
  readonly address: string;
  readonly nic?: string;
}

export const NODE_PORTS = { first: 30_000, last: 32_767 } as const;

const HOST_LABEL = "vmstation.io/host-endpoint";

/**
 * A machine's NIC, made known to Calico so that policies can select it; without a name Calico finds it by the address. The profile keeps Calico from denying
 * everything else there: the machine's own firewall decides about that.
 */
export function renderHostEndpoint(machine: HostInterface): object {
  return {
    node: machine.name,
    ...(machine.nic !== undefined && { interfaceName: machine.nic }),
    expectedIPs: [machine.address],
    profiles: ["projectcalico-default-allow"],
  };
}

export function hostEndpointLabels(): Record<string, string> {
  return { [HOST_LABEL]: "lan" };
}

/**
 * NodePorts only from the LAN and from the cluster itself. Before kube-proxy rewrites the destination, as
 * afterwards a NodePort's traffic looks like any other; pre-DNAT policies deny only what they name.
 */
export function renderNodePortPolicy(lan: string, podCidr: string): object {
  const destination = { ports: [`${NODE_PORTS.first}:${NODE_PORTS.last}`] };
  const source = { notNets: [lan, podCidr] };
  return {
    order: 10,
    preDNAT: true,
    applyOnForward: true,
    types: ["Ingress"],
    selector: `${HOST_LABEL} == 'lan'`,
    ingress: ["TCP", "UDP"].map((protocol) => ({ action: "Deny", protocol, source, destination })),
  };
}
