import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { fullName, type Domains, type HostUse } from "./hosts";

/** What a route has to know of the ingress. */
export interface IngressOffer extends Domains {
  /** Its address on the LAN. */
  readonly address: string;
  /** The class that its routes name. */
  readonly className: string;
  /** Its namespace and its pods, for the policies of what is behind it. */
  readonly namespace: string;
  readonly pods: Readonly<Record<string, string>>;
}

type Route = k8s.types.input.networking.v1.IngressSpec;

/** TLS is the ingress' own: it has one certificate for all names. The longest path that fits is the one that is taken. */
export function renderRoute(use: HostUse, host: string, className: string): Route {
  const { closed = [], port: number } = use;
  const lead = (path: string, name: string) => ({
    ...{ path, pathType: "Prefix" },
    backend: { service: { name, port: { number } } },
  });
  const paths = [...closed.map((path) => lead(path, closedName(use))), lead("/", backendOf(use))];
  return { ingressClassName: className, rules: [{ host, http: { paths } }] };
}

const closedName = ({ service }: HostUse): string => `${service}-closed`;

/** Of an app that sleeps the port on the control plane, which is the same asleep and awake. */
function backendOf({ service, held }: HostUse): string {
  return held === undefined ? service : `${service}-held`;
}

/** A Service without a selector: no pod is behind it, but the control plane's port, or nothing at all. */
function renderHeldService(use: HostUse): k8s.types.input.core.v1.ServiceSpec {
  return { type: "ClusterIP", ports: [{ name: "http", port: use.port, protocol: "TCP" }] };
}

function renderHeldSlice(use: HostUse, held: NonNullable<HostUse["held"]>) {
  const name = backendOf(use);
  return {
    metadata: {
      name,
      namespace: use.namespace,
      labels: {
        "kubernetes.io/service-name": name,
        "endpointslice.kubernetes.io/managed-by": "vmstation",
      },
    },
    addressType: "IPv4",
    endpoints: [{ addresses: [held.address], conditions: { ready: true } }],
    ports: [{ name: "http", port: held.port, protocol: "TCP" }],
  };
}

/** The route to one name, in the namespace of what answers there. */
export function createRoute(
  prefix: string,
  use: HostUse,
  ingress: IngressOffer,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const host = fullName(use, ingress);
  if (host === undefined) return [];
  // A second name leads to what the first one has made.
  const held = use.suffix === undefined ? createHeld(prefix, use, opts) : [];
  const closed = createClosed(prefix, use, opts);
  const route = new k8s.networking.v1.Ingress(
    [prefix, "route", ...suffixOf(use)].join("-"),
    {
      metadata: {
        name: [use.service, ...suffixOf(use)].join("-"),
        namespace: use.namespace,
        // Pulumi would wait for pods behind it, and those of a machine that sleeps are not there.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: renderRoute(use, host, ingress.className),
    },
    closed === undefined ? opts : { ...opts, dependsOn: closed },
  );
  return [...held, ...(closed === undefined ? [] : [closed]), route];
}

const suffixOf = ({ suffix }: HostUse): string[] => (suffix === undefined ? [] : [suffix]);

/**
 * What closed paths lead to: a Service that nothing is behind, so that the ingress answers 503. It has to be there
 * before the route is: the ingress leaves out a path whose Service it does not find, and "/" would take its place.
 */
function createClosed(
  prefix: string,
  use: HostUse,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource | undefined {
  if (use.closed === undefined) return undefined;
  const metadata = {
    ...{ name: closedName(use), namespace: use.namespace },
    // Pulumi would wait for pods behind it.
    annotations: { "pulumi.com/skipAwait": "true" },
  };
  const spec = renderHeldService(use);
  return new k8s.core.v1.Service(`${prefix}-closed`, { metadata, spec }, opts);
}

function createHeld(
  prefix: string,
  use: HostUse,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { held } = use;
  if (held === undefined) return [];
  const metadata = { name: backendOf(use), namespace: use.namespace };
  const spec = renderHeldService(use);
  return [
    new k8s.core.v1.Service(`${prefix}-held`, { metadata, spec }, opts),
    new k8s.discovery.v1.EndpointSlice(`${prefix}-held-slice`, renderHeldSlice(use, held), opts),
  ];
}
