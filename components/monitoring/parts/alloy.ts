import { z } from "zod";
import { readScript } from "../../remote/step";
import { resources } from "../../shared/scalars";
import { renderDuration } from "../../shared/units";
import { charts } from "../../versions";
import type { ChartReleaseSpec } from "../../shared/chart-release";
import { CONFIG_RELOADER, configuredMemory, fixedMemory } from "../limits";
import { podsNamed } from "../names";
import { definePart, type PartSite } from "../part";
import { apiEgress } from "../../shared/policies";
import { EVERYWHERE, renderRegistry, renderResources } from "../../shared/placement";
import { LOKI } from "./loki";

const NAME = "alloy";
const PODS = podsNamed(NAME);

const alloySchema = z
  .strictObject({
    resources: resources({
      requests: { cpu: "50m", memory: "128Mi" },
      limits: { cpu: "500m", memory: "256Mi" },
    }),
  })
  .prefault({})
  .describe("Log collector on each machine");

type AlloySite = PartSite<{ alloy: typeof alloySchema }>;

/** Where Alloy keeps how far it has read. It is on the machine, so that a restart sends nothing twice. */
const POSITIONS = "/var/lib/alloy";

/** The rights to list and watch pods. They are split because the chart's template fails where one list is empty. */
const LIST_PODS = {
  rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }],
  clusterRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["watch"] }],
};

/** Files below /var/log belong to root and adm. Alloy reads them as root, without any other right of root's. */
const READ_ONLY_ROOT = {
  runAsUser: 0,
  runAsGroup: 0,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"], add: ["DAC_READ_SEARCH"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/**
 * Alloy on every machine. It collects logs of containers, the journal and, on the log server, what rsyslog received
 * from other machines. Of the API server it may only list and watch pods, for the names of their logs.
 */
function renderRelease(site: AlloySite): ChartReleaseSpec {
  const { config } = site;
  return {
    release: NAME,
    pin: charts.alloy,
    daemonSet: true,
    after: [LOKI.name],
    values: {
      fullnameOverride: NAME,
      ...renderRegistry(config.charts.imageRegistry, "global", "image", "registry"),
      crds: { create: false },
      rbac: LIST_PODS,
      alloy: {
        // The chart passes it through Helm's templates. Nothing in the file looks like one.
        configMap: { content: readScript(__dirname, "../files/collect.alloy") },
        enableReporting: false,
        storagePath: POSITIONS,
        resources: renderResources(config.alloy.resources),
        extraEnv: [{ name: "LOKI_URL", value: `${LOKI.url}/loki/api/v1/push` }],
        mounts: {
          varlog: true,
          extra: [
            { name: "positions", mountPath: POSITIONS },
            { name: "machine-id", mountPath: "/etc/machine-id", readOnly: true },
          ],
        },
        securityContext: READ_ONLY_ROOT,
      },
      configReloader: { resources: renderResources(CONFIG_RELOADER) },
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

/** Collects logs on every machine and sends them to Loki. */
export const alloy = definePart({
  name: NAME,
  place: 10,
  keys: { alloy: alloySchema },
  plan: (site) => ({
    connects: () => [{ client: NAME, pods: PODS, to: LOKI }],
    policies: () => [apiEgress(NAME, PODS, site)],
    memory: site.machines.flatMap((machine) => [
      configuredMemory("alloy", "Alloy", site.config.alloy, machine.name),
      fixedMemory("Alloy's configuration reloader", CONFIG_RELOADER, machine.name),
    ]),
    release: () => renderRelease(site),
  }),
});
