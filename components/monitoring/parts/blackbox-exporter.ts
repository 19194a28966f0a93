import { z } from "zod";
import { dnsLabel, resources } from "../../shared/scalars";
import { renderDuration } from "../../shared/units";
import { charts } from "../../versions";
import type { ChartReleaseSpec } from "../../shared/chart-release";
import { configuredMemory } from "../limits";
import { hostOf, podsNamed } from "../names";
import { definePart, type OperatorObject, type PartSite } from "../part";
import { ANYWHERE, egress } from "../../shared/policies";
import { renderPlacement, renderRegistry, renderResources } from "../../shared/placement";

const NAME = "blackbox-exporter";
const PORT = 9115;

/** Labels of the pod that probes, as its chart sets them. */
export const PROBER_PODS = podsNamed("prometheus-blackbox-exporter");

/** Targets that are probed alike: one Probe object. */
export interface ProbeGroup {
  /** Name of the object. */
  readonly name: string;
  /** The `job` label that alerts tell the groups by. `blackbox-NAME` is for the targets of the configuration. */
  readonly job: string;
  readonly module: "http_2xx" | "icmp" | "tcp_connect" | "dns_cluster";
  readonly targets: readonly string[];
}

/** The Probe object of a group. A group without targets has none. */
export function renderProbe(group: ProbeGroup, site: PartSite): OperatorObject[] {
  if (group.targets.length === 0) return [];
  const spec = {
    jobName: group.job,
    interval: renderDuration(site.config.scrapeInterval),
    module: group.module,
    prober: { url: hostOf(NAME, PORT) },
    targets: { staticConfig: { static: group.targets } },
  };
  return [{ kind: "Probe", name: group.name, spec }];
}

const url = z.url({ protocol: /^https?$/, error: "an address such as https://example.org/hook" });

// Their jobs are called blackbox-NAME, too. A new part calls its job by its own name.
const OWN_PROBES = ["services", "internet", "machines", "dns"];

/** Each probe is an object and a job of that name. */
function refuseSameNames(targets: readonly { name: string }[], ctx: z.RefinementCtx): void {
  targets.forEach(({ name }, i) => {
    const isFirst = targets.findIndex((other) => other.name === name) === i;
    if (isFirst && !OWN_PROBES.includes(name)) return;
    const message = "a name that no other probe has";
    ctx.addIssue({ code: "custom", path: [i, "name"], message, input: name });
  });
}

export const blackboxSchema = z
  .strictObject({
    internet: z
      .array(url)
      .prefault(["https://1.1.1.1", "https://8.8.8.8"])
      .describe("Addresses that answer while the internet is reachable"),
    targets: z
      .array(
        z.strictObject({
          name: dnsLabel.describe("Name of the probe, such as router"),
          target: z
            .string()
            .min(1)
            .describe("What is probed: a URL (http_2xx), a host (icmp) or HOST:PORT (tcp_connect)"),
          module: z
            .enum(["http_2xx", "icmp", "tcp_connect"])
            .prefault("http_2xx")
            .describe("How it is probed"),
        }),
      )
      .superRefine(refuseSameNames)
      .prefault([])
      .describe("Further probes"),
    resources: resources({
      requests: { cpu: "10m", memory: "32Mi" },
      limits: { cpu: "100m", memory: "64Mi" },
    }),
  })
  .prefault({})
  .describe("Probes, which see a service as its users do");

type BlackboxSite = PartSite<{ blackbox: typeof blackboxSchema }>;

/** How the exporter probes. Probe objects refer to these names. */
function renderModules(clusterDomain: string) {
  return {
    http_2xx: {
      prober: "http",
      timeout: "5s",
      http: { preferred_ip_protocol: "ip4", follow_redirects: true },
    },
    icmp: { prober: "icmp", timeout: "5s", icmp: { preferred_ip_protocol: "ip4" } },
    tcp_connect: { prober: "tcp", timeout: "5s", tcp: { preferred_ip_protocol: "ip4" } },
    dns_cluster: {
      prober: "dns",
      timeout: "5s",
      dns: {
        preferred_ip_protocol: "ip4",
        query_name: `kubernetes.default.svc.${clusterDomain}`,
        query_type: "A",
        valid_rcodes: ["NOERROR"],
      },
    },
  };
}

/** The blackbox exporter probes by HTTP, ICMP, TCP and DNS, from a pod on the monitoring machine. */
function renderRelease({ config }: BlackboxSite): ChartReleaseSpec {
  return {
    release: NAME,
    pin: charts.blackboxExporter,
    daemonSet: false,
    values: {
      fullnameOverride: NAME,
      ...renderRegistry(config.charts.imageRegistry, "global", "imageRegistry"),
      config: { modules: renderModules(config.clusterDomain) },
      resources: renderResources(config.blackbox.resources),
      ...renderPlacement(config.machine),
      service: { port: PORT },
      // With this sysctl the kernel lets all groups send echo requests without a raw socket. No capability is needed.
      podSecurityContext: {
        sysctls: [{ name: "net.ipv4.ping_group_range", value: "0 2147483647" }],
        seccompProfile: { type: "RuntimeDefault" },
      },
    },
  };
}

export const blackboxExporter = definePart({
  name: NAME,
  place: 13,
  keys: { blackbox: blackboxSchema },
  plan: (site) => ({
    policies: () => [egress("probes-to-anywhere", PROBER_PODS, ANYWHERE, [])],
    memory: [
      configuredMemory(
        "blackbox",
        "the blackbox exporter",
        site.config.blackbox,
        site.config.machine,
      ),
    ],
    release: () => renderRelease(site),
  }),
});
