import { charts } from "../../versions";
import type { ChartReleaseSpec } from "../chart-release";
import type { MonitoringSite } from "../context";
import { PORTS, RELEASES } from "../names";
import { renderPlacement, renderRegistry, renderResources } from "../render-placement";

/** How the exporter probes; the names are what Probe objects refer to. */
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

/** The blackbox exporter: HTTP, ICMP, TCP and DNS, as seen from a pod on the monitoring machine. */
export function renderBlackboxRelease(site: MonitoringSite): ChartReleaseSpec {
  const { config } = site;
  return {
    release: RELEASES.blackbox,
    pin: charts.blackboxExporter,
    daemonSet: false,
    values: {
      fullnameOverride: RELEASES.blackbox,
      ...renderRegistry(config.charts.imageRegistry, "global", "imageRegistry"),
      config: { modules: renderModules(config.clusterDomain) },
      resources: renderResources(config.blackbox.resources),
      ...renderPlacement(config.machine),
      service: { port: PORTS.blackbox },
      // Echo requests without a raw socket: the kernel lets these groups send them, and no capability is needed.
      podSecurityContext: {
        sysctls: [{ name: "net.ipv4.ping_group_range", value: "0 2147483647" }],
        seccompProfile: { type: "RuntimeDefault" },
      },
    },
  };
}
