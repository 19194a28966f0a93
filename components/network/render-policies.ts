import type { types } from "@pulumi/kubernetes";
import type { NamespaceNeed, PolicyNeed, PolicyPeer } from "../shared/facts";

type NetworkPolicySpec = types.input.networking.v1.NetworkPolicySpec;
type LabelSelector = types.input.meta.v1.LabelSelector;
type Peer = types.input.networking.v1.NetworkPolicyPeer;

/** A NetworkPolicy of one namespace, before it is a resource. */
export interface NamedPolicy {
  readonly name: string;
  readonly spec: NetworkPolicySpec;
}

// Kubernetes puts this label on every namespace itself.
const NAME_LABEL = "kubernetes.io/metadata.name";

function byName(namespace: string): { matchLabels: Record<string, string> } {
  return { matchLabels: { [NAME_LABEL]: namespace } };
}

/**
 * Pods by their labels. All of them: without matchLabels, which the API server leaves out of what it keeps. It would
 * count each application of the same policy as a change.
 */
function renderPods(labels: Readonly<Record<string, string>>): LabelSelector {
  return Object.keys(labels).length > 0 ? { matchLabels: { ...labels } } : {};
}

function renderPeer(peer: PolicyPeer): Peer {
  if ("cidr" in peer) {
    return { ipBlock: { cidr: peer.cidr, ...(peer.except ? { except: [...peer.except] } : {}) } };
  }
  const namespace =
    peer.namespace === undefined ? {} : { namespaceSelector: byName(peer.namespace) };
  return "pods" in peer ? { ...namespace, podSelector: renderPods(peer.pods) } : namespace;
}

/** One need as a policy's spec; without peers or ports it is open to all of them. */
export function renderPolicy(need: PolicyNeed): NetworkPolicySpec {
  const peers = need.peers.map(renderPeer);
  const ports = need.ports.map(({ port, protocol }) => ({ port, protocol }));
  const portsPart = ports.length > 0 ? { ports } : {};
  const podSelector = renderPods(need.pods);
  return need.direction === "ingress"
    ? {
        podSelector,
        policyTypes: ["Ingress"],
        ingress: [{ ...(peers.length > 0 ? { from: peers } : {}), ...portsPart }],
      }
    : {
        podSelector,
        policyTypes: ["Egress"],
        egress: [{ ...(peers.length > 0 ? { to: peers } : {}), ...portsPart }],
      };
}

const DENY: NamedPolicy = {
  name: "default-deny",
  spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
};

// Both protocols: an answer too long for UDP is asked for again over TCP.
const DNS: PolicyNeed = {
  name: "dns",
  pods: {},
  direction: "egress",
  peers: [{ namespace: "kube-system", pods: { "k8s-app": "kube-dns" } }],
  ports: [
    { port: 53, protocol: "UDP" },
    { port: 53, protocol: "TCP" },
  ],
};

/** Everything denied, name resolution allowed, then what each part asked for. */
export function renderNamespacePolicies(namespace: NamespaceNeed): NamedPolicy[] {
  const needs = [DNS, ...namespace.policies];
  return [DENY, ...needs.map((need) => ({ name: need.name, spec: renderPolicy(need) }))];
}
