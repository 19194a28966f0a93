import * as ipaddr from "ipaddr.js";
import { z } from "zod";

const labels = z.record(z.string(), z.string());
const selector = z.strictObject({ matchLabels: labels.default({}) });
const peer = z.strictObject({
  podSelector: selector.optional(),
  namespaceSelector: selector.optional(),
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).default([]) }).optional(),
});
const ports = z
  .array(z.strictObject({ port: z.number(), protocol: z.enum(["TCP", "UDP"]) }))
  .default([]);

/** The part of a NetworkPolicy's specification that the program uses; anything else is refused. */
const specSchema = z.strictObject({
  podSelector: selector,
  policyTypes: z.array(z.enum(["Ingress", "Egress"])),
  ingress: z.array(z.strictObject({ from: z.array(peer).default([]), ports })).default([]),
  egress: z.array(z.strictObject({ to: z.array(peer).default([]), ports })).default([]),
});

type Peer = z.infer<typeof peer>;

/** A policy in its namespace. */
export interface Policy {
  readonly namespace: string;
  readonly spec: z.infer<typeof specSchema>;
}

export function parsePolicy(namespace: string, spec: unknown): Policy {
  return { namespace, spec: specSchema.parse(spec) };
}

/** An end of a connection: a pod, or, without a namespace, a machine or anything else with an address. */
export interface Endpoint {
  readonly name: string;
  readonly address: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
}

/**
 * Whether Kubernetes' rules let a connection be made, by the policies of both ends' namespaces. It says what
 * the policies mean, not that Calico enforces them. What a machine sends to its own pods passes always, which
 * is not decided here.
 */
export function isConnectionAllowed(policies: readonly Policy[], connection: Connection): boolean {
  const { from, to } = connection;
  return (
    passes(policies, from, "Egress", ({ spec }) =>
      spec.egress.some((rule) => matches(rule.to, rule.ports, to, from, connection)),
    ) &&
    passes(policies, to, "Ingress", ({ spec }) =>
      spec.ingress.some((rule) => matches(rule.from, rule.ports, from, to, connection)),
    )
  );
}

/** A pod that no policy selects is open; otherwise one of those that do has to let it pass. */
function passes(
  policies: readonly Policy[],
  pod: Endpoint,
  type: "Ingress" | "Egress",
  allows: (policy: Policy) => boolean,
): boolean {
  const own = policies.filter(
    ({ namespace, spec }) =>
      namespace === pod.namespace &&
      spec.policyTypes.includes(type) &&
      isSelected(spec.podSelector.matchLabels, pod.labels),
  );
  return own.length === 0 || own.some(allows);
}

function matches(
  peers: readonly Peer[],
  allowed: z.infer<typeof ports>,
  other: Endpoint,
  own: Endpoint,
  { port, protocol }: Connection,
): boolean {
  const toPort =
    allowed.length === 0 ||
    allowed.some((each) => each.port === port && each.protocol === protocol);
  return toPort && (peers.length === 0 || peers.some((each) => isPeer(each, other, own)));
}

function isPeer(
  { ipBlock, podSelector, namespaceSelector }: Peer,
  other: Endpoint,
  own: Endpoint,
): boolean {
  if (ipBlock !== undefined) {
    const { cidr, except } = ipBlock;
    return lies(other.address, cidr) && !except.some((network) => lies(other.address, network));
  }
  if (other.namespace === undefined) return false;
  const rightNamespace =
    namespaceSelector === undefined
      ? other.namespace === own.namespace
      : isSelected(namespaceSelector.matchLabels, {
          "kubernetes.io/metadata.name": other.namespace,
        });
  return rightNamespace && isSelected(podSelector?.matchLabels ?? {}, other.labels);
}

function isSelected(
  wanted: Readonly<Record<string, string>>,
  has: Readonly<Record<string, string>> = {},
): boolean {
  return Object.entries(wanted).every(([key, value]) => has[key] === value);
}

function lies(address: string, cidr: string): boolean {
  return ipaddr.parse(address).match(ipaddr.parseCIDR(cidr));
}
