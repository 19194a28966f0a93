import { renderDuration } from "../shared/units";
import { machineNamed, type MonitoringSite } from "./context";
import type { Json } from "./json";
import { PORTS, URLS } from "./names";

/** One Probe object: targets that are probed alike. */
export interface ProbeGroup {
  /** Name of the object. */
  readonly name: string;
  /** The `job` label that alerts tell the groups by. */
  readonly job: string;
  readonly module: "http_2xx" | "icmp" | "tcp_connect" | "dns_cluster";
  readonly targets: readonly string[];
}

/** The job whose failure means that no system log is collected. */
export const SYSLOG_JOB = "syslog-server";

/** What is probed: our own services, the internet, machines that never sleep, DNS, the log server. */
export function renderProbeGroups(site: MonitoringSite): readonly ProbeGroup[] {
  const { config, machines, lan } = site;
  const awake = machines.filter((machine) => !machine.sleeps && !machine.offline);
  const logServer = machineNamed(machines, site.logServer);
  const groups: ProbeGroup[] = [
    {
      name: "services",
      job: "blackbox-services",
      module: "http_2xx",
      targets: [`${URLS.prometheus}/-/healthy`, `${URLS.grafana}/api/health`, `${URLS.loki}/ready`],
    },
    {
      name: "internet",
      job: "blackbox-internet",
      module: "http_2xx",
      targets: config.blackbox.internet,
    },
    {
      name: "machines",
      job: "blackbox-machines",
      module: "icmp",
      targets: [lan.gateway, ...awake.map((machine) => machine.address)],
    },
    { name: "dns", job: "blackbox-dns", module: "dns_cluster", targets: [site.clusterDns] },
    {
      name: SYSLOG_JOB,
      job: SYSLOG_JOB,
      module: "tcp_connect",
      targets: logServer === undefined ? [] : [`${logServer.address}:${PORTS.syslog}`],
    },
    ...config.blackbox.targets.map(({ name, module, target }): ProbeGroup => ({
      name: `extra-${name}`,
      job: `blackbox-${name}`,
      module,
      targets: [target],
    })),
  ];
  return groups.filter((group) => group.targets.length > 0);
}

/** The spec of the operator's Probe object for a group. */
export function renderProbe(group: ProbeGroup, site: MonitoringSite): Json {
  return {
    jobName: group.job,
    interval: renderDuration(site.config.scrapeInterval),
    module: group.module,
    prober: { url: URLS.blackbox },
    targets: { staticConfig: { static: group.targets } },
  };
}
