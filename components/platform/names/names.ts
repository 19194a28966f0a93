import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { renderImage, type ChartSources } from "../../shared/charts";
import type { LayerFacts } from "../../shared/facts";
import { renderResources } from "../../shared/placement";
import { ingress, nodePortPeers } from "../../shared/policies";
import { platformImages } from "../../versions";
import { definePart, type PartFrame, type PlatformSite } from "../part";
import { renderPodSecurity } from "../../shared/pod-security";
import { renderPlatformPlacement, spreadOver, steadyMachines } from "../place";
import { namesAlerts, namesDashboard } from "./alerts";
import { namesSchema, type NamesConfig } from "./config";
import { listRecords, namesProblems } from "./records";
import { digestOf, PORTS, renderCorefile, renderRouterLine, renderZone } from "./render-zone";

const NAMESPACE = "names";
const NAME = "names";
const PODS = { "app.kubernetes.io/name": NAME };
const PATH = "platform.names";

/** Names on the LAN: a small authoritative DNS server for the internal domain. */
export const names = definePart({
  schema: namesSchema,
  plan: (config, site) => {
    const { internalDomain: domain } = site;
    const records = listRecords(config, site);
    return {
      facts: namesFacts(config, site),
      problems: namesProblems(config, site),
      checks: {
        server: config.address,
        names: Object.fromEntries(
          records.map(({ name, address }) => [
            `${name === "*" ? "any-other" : name}.${domain}`,
            address,
          ]),
        ),
      },
      offers: { names: { server: config.address, domain, records } },
      outputs: { router: renderRouterLine(domain, config.address) },
      create: (frame) =>
        create(config, site, frame, {
          Corefile: renderCorefile(domain),
          zone: renderZone(domain, records),
        }),
    };
  },
});

function namesFacts(config: NamesConfig, site: PlatformSite): LayerFacts {
  const { address, resources } = config;
  const clients = nodePortPeers(site);
  return {
    addresses: [
      {
        path: `${PATH}.address`,
        from: address,
        to: address,
        written: address,
        user: "the DNS server of the internal domain",
        scope: "lan",
        pool: "member",
      },
    ],
    memory: steadyMachines(site.machines).map((machine) => ({
      path: `${PATH}.resources.limits.memory`,
      machine,
      user: "the DNS server of the internal domain",
      bytes: resources.limits.memory,
    })),
    namespaces: [
      {
        name: NAMESPACE,
        podSecurity: "restricted",
        policies: [
          ingress("dns-from-lan", PODS, clients, [
            { port: PORTS.dns, protocol: "UDP" },
            { port: PORTS.dns, protocol: "TCP" },
          ]),
          ingress(
            "metrics",
            PODS,
            [{ namespace: "monitoring" }],
            [{ port: PORTS.metrics, protocol: "TCP" }],
          ),
        ],
      },
    ],
    alerts: [namesAlerts],
    dashboards: [namesDashboard],
    scrapes: [{ name: NAME, namespace: NAMESPACE, pods: PODS, port: PORTS.metrics }],
  };
}

function create(
  config: NamesConfig,
  site: PlatformSite,
  { prefix, opts, made, charts }: PartFrame,
  data: Readonly<Record<"Corefile" | "zone", string>>,
): readonly pulumi.Resource[] {
  const metadata = { name: NAME, namespace: NAMESPACE };
  const zone = new k8s.core.v1.ConfigMap(`${prefix}-zone`, { metadata, data }, opts());
  const deployment = new k8s.apps.v1.Deployment(
    `${prefix}-server`,
    { metadata, spec: renderDeployment(config, site, charts, digestOf(data.Corefile, data.zone)) },
    opts([zone]),
  );
  const service = new k8s.core.v1.Service(
    `${prefix}-service`,
    { metadata: { ...metadata, annotations: renderAnnotations(config) }, spec: SERVICE },
    opts([deployment, ...made("loadBalancer")]),
  );
  const budget = new k8s.policy.v1.PodDisruptionBudget(
    `${prefix}-budget`,
    { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: PODS } } },
    opts(),
  );
  return [service, budget];
}

function renderAnnotations({ address }: NamesConfig): Record<string, string> {
  return { "metallb.io/loadBalancerIPs": address };
}

const SERVICE = {
  type: "LoadBalancer",
  selector: PODS,
  // Its ports are only for the address of the pool.
  allocateLoadBalancerNodePorts: false,
  ports: (["UDP", "TCP"] as const).map((protocol) => ({
    name: `dns-${protocol.toLowerCase()}`,
    port: 53,
    targetPort: PORTS.dns,
    protocol,
  })),
};

function renderDeployment(
  { replicas, resources }: NamesConfig,
  { machines }: PlatformSite,
  charts: ChartSources,
  digest: string,
) {
  const steady = steadyMachines(machines);
  return {
    replicas: Math.min(replicas, Math.max(steady.length, 1)),
    selector: { matchLabels: PODS },
    template: {
      // It reads its zone when it starts.
      metadata: { labels: PODS, annotations: { "vmstation.io/config": digest.slice(0, 16) } },
      spec: {
        ...renderPlatformPlacement(steady),
        topologySpreadConstraints: [spreadOver(PODS)],
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: renderPodSecurity(65_532),
        containers: [renderContainer(resources, charts)],
        volumes: [{ name: "zone", configMap: { name: NAME } }],
      },
    },
  };
}

function renderContainer(resources: NamesConfig["resources"], charts: ChartSources) {
  const probe = (path: string, port: number) => ({ httpGet: { path, port }, periodSeconds: 10 });
  return {
    name: NAME,
    image: renderImage(platformImages.coreDns, charts),
    args: ["-conf", "/etc/coredns/Corefile"],
    ports: [
      { name: "dns-udp", containerPort: PORTS.dns, protocol: "UDP" },
      { name: "dns-tcp", containerPort: PORTS.dns, protocol: "TCP" },
      { name: "metrics", containerPort: PORTS.metrics },
    ],
    livenessProbe: { ...probe("/health", PORTS.health), initialDelaySeconds: 10 },
    readinessProbe: probe("/ready", PORTS.ready),
    resources: renderResources(resources),
    securityContext: {
      allowPrivilegeEscalation: false,
      // The program itself carries the right to listen on port 53, and does not start without it.
      capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [{ name: "zone", mountPath: "/etc/coredns", readOnly: true }],
  };
}
