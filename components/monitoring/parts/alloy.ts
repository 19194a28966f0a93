import { readScript } from "../../remote/step";
import { renderDuration } from "../../shared/units";
import { charts } from "../../versions";
import type { ChartReleaseSpec } from "../chart-release";
import type { MonitoringSite } from "../context";
import { RELEASES, URLS } from "../names";
import { EVERYWHERE, renderRegistry, renderResources } from "../render-placement";
import { SMALL } from "../small-parts";

/** Where Alloy remembers how far it has read: on the machine, so that a restart sends nothing twice. */
const POSITIONS = "/var/lib/alloy";

/** To list and watch pods, in two parts: the chart's template breaks where either list is empty. */
const LIST_PODS = {
  rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }],
  clusterRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["watch"] }],
};

/** Files under /var/log belong to root and adm: it reads them as root, which may do nothing else. */
const READ_ONLY_ROOT = {
  runAsUser: 0,
  runAsGroup: 0,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"], add: ["DAC_READ_SEARCH"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/**
 * Alloy on every machine: logs of its containers, its journal and, on the log server, what rsyslog received
 * from the others. It may list pods to name their logs, and nothing else.
 */
export function renderAlloyRelease(site: MonitoringSite): ChartReleaseSpec {
  const { config } = site;
  return {
    release: RELEASES.alloy,
    pin: charts.alloy,
    daemonSet: true,
    values: {
      fullnameOverride: RELEASES.alloy,
      ...renderRegistry(config.charts.imageRegistry, "global", "image", "registry"),
      crds: { create: false },
      rbac: LIST_PODS,
      alloy: {
        // The chart passes it through Helm's templates, which nothing in the file resembles.
        configMap: { content: readScript(__dirname, "../files/collect.alloy") },
        enableReporting: false,
        storagePath: POSITIONS,
        resources: renderResources(config.alloy.resources),
        extraEnv: [{ name: "LOKI_URL", value: `${URLS.loki}/loki/api/v1/push` }],
        mounts: {
          varlog: true,
          extra: [
            { name: "positions", mountPath: POSITIONS },
            { name: "machine-id", mountPath: "/etc/machine-id", readOnly: true },
          ],
        },
        securityContext: READ_ONLY_ROOT,
      },
      configReloader: { resources: renderResources(SMALL.configReloader) },
      controller: {
        type: "daemonset",
        tolerations: EVERYWHERE,
        volumes: {
          extra: [
            { name: "positions", hostPath: { path: POSITIONS, type: "DirectoryOrCreate" } },
            { name: "machine-id", hostPath: { path: "/etc/machine-id", type: "File" } },
          ],
        },
      },
      serviceMonitor: { enabled: true, interval: renderDuration(config.scrapeInterval) },
    },
  };
}
