import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { charts, ipmiExporterImage, pinnedTag } from "../../versions";
import type { ChartReleaseSpec } from "../chart-release";
import { machinesWithBmc, type BmcMachine, type MonitoringSite } from "../context";
import type { Json } from "../json";
import { NAMESPACE, PORTS, RELEASES } from "../names";
import { EVERYWHERE, renderPlacement, renderResources } from "../render-placement";

const LOCAL = "ipmi-exporter-local";
const LOCAL_LABELS = { "app.kubernetes.io/name": LOCAL };

/** A BMC and the password to read its sensors with. */
export interface BmcAccess {
  readonly machine: BmcMachine;
  readonly password: pulumi.Output<string>;
}

/** The exporter's configuration: a module for each BMC, named as its machine. A session lasts 10 s at most. */
export function renderIpmiConfig(
  bmcs: readonly { machine: BmcMachine; password: string }[],
): string {
  const modules = bmcs.map(({ machine, password }): [string, Json] => [
    machine.name,
    {
      user: machine.bmc.user,
      pass: password,
      driver: "LAN_2_0",
      privilege: "user",
      timeout: 10_000,
      collectors: ["bmc", "ipmi", "chassis", "dcmi"],
    },
  ]);
  return stringify({ modules: Object.fromEntries(modules) });
}

/**
 * The Secret that holds the exporter's configuration. Immutable and with a name of its own, so that a changed
 * password makes a new one and restarts the exporter, which reads its configuration only once.
 */
export function createIpmiSecret(
  parentName: string,
  bmcs: readonly BmcAccess[],
  opts: pulumi.CustomResourceOptions,
): kubernetes.core.v1.Secret {
  const config = pulumi
    .all(bmcs.map(({ password }) => password))
    .apply((passwords) =>
      renderIpmiConfig(bmcs.map(({ machine }, i) => ({ machine, password: passwords[i] ?? "" }))),
    );
  return new kubernetes.core.v1.Secret(
    `${parentName}-ipmi-config`,
    {
      metadata: { namespace: NAMESPACE },
      immutable: true,
      stringData: { "config.yml": pulumi.secret(config) },
    },
    opts,
  );
}

/** The exporter that asks BMCs over the network; one for all, on the monitoring machine. */
export function renderIpmiRelease(
  site: MonitoringSite,
  secretName: pulumi.Output<string>,
): ChartReleaseSpec {
  const { config } = site;
  const registry = config.charts.imageRegistry ?? ipmiExporterImage.registry;
  return {
    release: RELEASES.ipmi,
    pin: charts.ipmiExporter,
    daemonSet: false,
    values: {
      image: {
        repository: `${registry}/${ipmiExporterImage.repository}`,
        tag: pinnedTag(ipmiExporterImage),
      },
      configSecret: { enabled: true, name: secretName, key: "config.yml" },
      clusterDomain: config.clusterDomain,
      service: { port: PORTS.ipmi },
      resources: renderResources(config.ipmi.resources),
      ...renderPlacement(config.machine),
    },
  };
}

/**
 * The exporter on each machine that has a BMC, reading it over the machine's own bus. The chart knows only a
 * Deployment; its pod, evicted from a machine that fell asleep, would wait for that machine and so wake it.
 */
export function renderLocalIpmi(site: MonitoringSite): kubernetes.apps.v1.DaemonSetArgs {
  const { config } = site;
  const registry = config.charts.imageRegistry ?? ipmiExporterImage.registry;
  const names = machinesWithBmc(site.machines).map((machine) => machine.name);
  return {
    metadata: {
      name: LOCAL,
      namespace: NAMESPACE,
      labels: LOCAL_LABELS,
      // A machine asleep must not keep `up` waiting.
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: {
      selector: { matchLabels: LOCAL_LABELS },
      template: {
        metadata: { labels: LOCAL_LABELS },
        spec: {
          automountServiceAccountToken: false,
          hostNetwork: true,
          affinity: renderMachineAffinity(names),
          tolerations: EVERYWHERE.map((toleration) => ({ ...toleration })),
          containers: [
            {
              name: "ipmi-exporter",
              image: `${registry}/${ipmiExporterImage.repository}:${pinnedTag(ipmiExporterImage)}`,
              args: [`--web.listen-address=:${PORTS.ipmi}`],
              ports: [{ name: "metrics", containerPort: PORTS.ipmi, hostPort: PORTS.ipmi }],
              // /dev/ipmi0 is a device of the machine: only a privileged container may open it.
              securityContext: { privileged: true, runAsUser: 0, readOnlyRootFilesystem: true },
              resources: renderResources(config.ipmi.resources),
              volumeMounts: [{ name: "scratch", mountPath: "/tmp" }],
            },
          ],
          volumes: [{ name: "scratch", emptyDir: { medium: "Memory", sizeLimit: "8Mi" } }],
        },
      },
    },
  };
}

function renderMachineAffinity(names: readonly string[]) {
  const match = { key: "kubernetes.io/hostname", operator: "In", values: [...names] };
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [match] }],
      },
    },
  };
}

/** What Prometheus' PodMonitor selects the local exporters by. */
export const LOCAL_IPMI_SELECTOR = LOCAL_LABELS;
