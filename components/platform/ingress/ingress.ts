import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { createRelease } from "../../shared/chart-release";
import type { Problem } from "../../shared/problem";
import { definePart, type PartFrame, type PlatformSite } from "../part";
import { ingressSchema, type IngressConfig } from "./config";
import { ingressFacts } from "./facts";
import { CLASS, NAMESPACE, PODS, PORTS, TUNNEL_SERVICE } from "./names";
import { renderRelease } from "./render-values";

/** Names instead of ports: Traefik, on one address of the load balancer. */
export const ingress = definePart({
  schema: ingressSchema,
  plan: (config, site) => {
    const machines = site.offers.announcers ?? [];
    const { domain, internalDomain } = site;
    return {
      facts: (hosts) => ingressFacts(config, site, machines, hosts),
      problems: withoutLoadBalancer(config, site),
      offers: {
        ingress: {
          ...{ address: config.address, className: CLASS, namespace: NAMESPACE, pods: PODS },
          ...{ domain, internalDomain },
        },
      },
      checks: { address: config.address, namespace: NAMESPACE, service: "traefik" },
      create: (frame) => create(config, site, machines, frame),
    };
  },
});

function withoutLoadBalancer({ address }: IngressConfig, { offers }: PlatformSite): Problem[] {
  if (offers.pool !== undefined) return [];
  return [
    {
      path: "platform.ingress",
      found: "an ingress, and no load balancer that could give it an address",
      accepted: `vmstation:platform.loadBalancer, with ${address} among its addresses`,
    },
  ];
}

function create(
  config: IngressConfig,
  { network }: PlatformSite,
  machines: readonly string[],
  { prefix, opts, charts, made }: PartFrame,
): readonly pulumi.Resource[] {
  const replicas = config.replicas ?? Math.min(2, Math.max(1, machines.length));
  const release = createRelease(
    prefix,
    renderRelease(config, { machines, replicas, podCidr: network.podCidr, charts }),
    NAMESPACE,
    charts,
    // Helm waits for the address, which the load balancer's pool gives.
    opts(made("loadBalancer")),
  );
  const tunnel = new k8s.core.v1.Service(
    `${prefix}-tunnel`,
    {
      metadata: { name: TUNNEL_SERVICE, namespace: NAMESPACE },
      spec: {
        type: "ClusterIP",
        selector: { ...PODS },
        ports: [{ name: "http", port: 80, targetPort: PORTS.tunnel, protocol: "TCP" }],
      },
    },
    opts([release]),
  );
  return [release, tunnel];
}
