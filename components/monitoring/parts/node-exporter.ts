import { TEXTFILE_DIRECTORY } from "../../shared/metrics";
import { renderDuration } from "../../shared/units";
import { charts } from "../../versions";
import type { ChartReleaseSpec } from "../../shared/chart-release";
import { nodeMetrics } from "../dashboards/node-metrics";
import { fixedMemory } from "../limits";
import { definePart, type PartSite } from "../part";
import {
  EVERYWHERE,
  renderRegistry,
  renderResources,
  smallResources,
} from "../../shared/placement";
import { nodeRules } from "../rules/nodes";
import { timeRules } from "../rules/time";

const NAME = "node-exporter";
const PORT = 9100;
const RESOURCES = smallResources(32, 64);

/** File systems that say nothing about a disk, and NFS, where statfs hangs while the server sleeps. */
const LEFT_OUT_FILE_SYSTEMS = [
  "autofs",
  "binfmt_misc",
  "bpf",
  "cgroup2?",
  "configfs",
  "debugfs",
  "devpts",
  "devtmpfs",
  "efivarfs",
  "fusectl",
  "hugetlbfs",
  "mqueue",
  "nfs",
  "nfs4",
  "nsfs",
  "overlay",
  "proc",
  "pstore",
  "rpc_pipefs",
  "securityfs",
  "selinuxfs",
  "squashfs",
  "sysfs",
  "tmpfs",
  "tracefs",
];

/** Mount points of containers. The pattern needs no backslash, as several layers would have to quote it. */
const LEFT_OUT_MOUNTS = [
  "dev",
  "proc",
  "sys",
  "run/.+",
  "var/lib/kubelet/.+",
  "var/lib/containers/.+",
];

/**
 * `node` in the power controller's metrics is the machine that they are about. Prometheus renames it to
 * `exported_node`, because the target has the label `node` too. This rule restores it.
 */
const KEEP_POWER_NODE = [
  {
    sourceLabels: ["__name__", "exported_node"],
    regex: "vmstation_power_[a-z_]+;(.+)",
    targetLabel: "node",
    replacement: "$1",
    action: "replace",
  },
  { regex: "exported_node", action: "labeldrop" },
];

/**
 * node_exporter on every machine. It is part of kube-prometheus-stack's chart, but a DaemonSet: inside that
 * release, one machine asleep would keep Prometheus and Grafana from ever counting as installed.
 */
function renderRelease({ config }: PartSite): ChartReleaseSpec {
  return {
    release: NAME,
    pin: charts.nodeExporter,
    daemonSet: true,
    values: {
      fullnameOverride: NAME,
      ...renderRegistry(config.charts.imageRegistry, "global", "imageRegistry"),
      image: { distroless: true },
      resources: renderResources(RESOURCES),
      tolerations: EVERYWHERE,
      // The annotation would have the service endpoints' job read it a second time.
      service: { port: PORT, annotations: { "prometheus.io/scrape": "false" } },
      extraArgs: [
        `--collector.filesystem.fs-types-exclude=^(${LEFT_OUT_FILE_SYSTEMS.join("|")})$`,
        `--collector.filesystem.mount-points-exclude=^/(${LEFT_OUT_MOUNTS.join("|")})($|/)`,
        `--collector.textfile.directory=/host/root${TEXTFILE_DIRECTORY}`,
        "--no-collector.nfs",
        "--no-collector.nfsd",
      ],
      prometheus: {
        monitor: {
          enabled: true,
          jobLabel: "app.kubernetes.io/instance",
          interval: renderDuration(config.scrapeInterval),
          metricRelabelings: KEEP_POWER_NODE,
        },
      },
    },
  };
}

/** Metrics of every machine. */
export const nodeExporter = definePart({
  name: NAME,
  place: 3,
  rules: [nodeRules, timeRules],
  dashboards: [nodeMetrics],
  plan: (site) => {
    const machines = site.machines.map((machine) => machine.name);
    return {
      machinePorts: [{ port: PORT, purpose: "node_exporter", machines }],
      memory: machines.map((machine) => fixedMemory("node_exporter", RESOURCES, machine)),
      release: () => renderRelease(site),
    };
  },
});
