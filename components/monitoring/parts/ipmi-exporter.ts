import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { duration, resources } from "../../shared/scalars";
import { renderDuration } from "../../shared/units";
import { charts, ipmiExporterImage, pinnedTag } from "../../versions";
import type { ChartReleaseSpec } from "../../shared/chart-release";
import { machinesWithBmc, type BmcMachine } from "../context";
import { ipmiHardware } from "../dashboards/ipmi-hardware";
import type { Json } from "../../shared/json";
import { configuredMemory } from "../limits";
import { hostOf, NAMESPACE, podsNamed } from "../names";
import { definePart, type Made, type OperatorObject, type PartFrame, type PartSite } from "../part";
import { egress } from "../../shared/policies";
import { EVERYWHERE, renderPlacement, renderResources } from "../../shared/placement";
import { renderYaml } from "../../shared/yaml";

const NAME = "ipmi-exporter";
const PORT = 9290;

/** The BMC's own port, UDP (RMCP+). */
const BMC_PORT = 623;

const PODS = podsNamed("prometheus-ipmi-exporter");

const ipmiSchema = z
  .strictObject({
    scrapeInterval: duration
      .prefault("30s")
      .describe("How often sensors are read; a BMC answers slowly"),
    resources: resources({
      requests: { cpu: "10m", memory: "32Mi" },
      limits: { cpu: "200m", memory: "64Mi" },
    }),
  })
  .prefault({})
  .describe("Hardware sensors of machines with a bmc, read on the machine and through its BMC");

type IpmiSite = PartSite<{ ipmi: typeof ipmiSchema }>;

const LOCAL = "ipmi-exporter-local";
const LOCAL_LABELS = { "app.kubernetes.io/name": LOCAL };

/** A BMC, and the password that opens its sensors. */
interface BmcAccess {
  readonly machine: BmcMachine;
  readonly password: pulumi.Output<string>;
}

/** The exporter's configuration: a module for each BMC, with its machine's name. A session lasts at most 10 s. */
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
  return renderYaml({ modules: Object.fromEntries(modules) });
}

/**
 * The Secret that holds the exporter's configuration. It is immutable and Kubernetes chooses its name: a changed
 * password makes a new Secret and so restarts the exporter, which reads its configuration only once.
 */
function createSecret(
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

/** The exporter that asks all BMCs over the network. It runs once, on the monitoring machine. */
function renderRelease(site: IpmiSite, secretName: pulumi.Output<string>): ChartReleaseSpec {
  const { config } = site;
  const registry = config.charts.imageRegistry ?? ipmiExporterImage.registry;
  return {
    release: NAME,
    pin: charts.ipmiExporter,
    daemonSet: false,
    values: {
      image: {
        repository: `${registry}/${ipmiExporterImage.repository}`,
        tag: pinnedTag(ipmiExporterImage),
      },
      configSecret: { enabled: true, name: secretName, key: "config.yml" },
      clusterDomain: config.clusterDomain,
      service: { port: PORT },
      resources: renderResources(config.ipmi.resources),
      ...renderPlacement(config.machine),
    },
  };
}

/**
 * The exporter on each machine that has a BMC. It reads the BMC over the machine's own bus. The chart has only a
 * Deployment. Its pod would be evicted when the machine falls asleep, would wait for that machine, and so wake it.
 */
export function renderLocalIpmi(site: IpmiSite): kubernetes.apps.v1.DaemonSetArgs {
  const { config } = site;
  const registry = config.charts.imageRegistry ?? ipmiExporterImage.registry;
  const names = machinesWithBmc(site.machines).map((machine) => machine.name);
  return {
    metadata: {
      name: LOCAL,
      namespace: NAMESPACE,
      labels: LOCAL_LABELS,
      // `up` must not wait for a machine that sleeps.
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
              args: [`--web.listen-address=:${PORT}`],
              ports: [{ name: "metrics", containerPort: PORT, hostPort: PORT }],
              // Only a privileged container may open /dev/ipmi0, a device of the machine.
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

/** Sensors through the BMC. It answers while its machine sleeps, so the label is `machine`, not `node`. */
function renderRemoteJob(machine: BmcMachine, site: IpmiSite): OperatorObject {
  const interval = renderDuration(site.config.ipmi.scrapeInterval);
  const spec = {
    jobName: "ipmi-remote",
    scrapeInterval: interval,
    scrapeTimeout: interval,
    metricsPath: "/ipmi",
    params: { module: [machine.name], target: [machine.bmc.address] },
    staticConfigs: [
      {
        targets: [hostOf(`${NAME}-prometheus-ipmi-exporter`, PORT)],
        labels: { machine: machine.name },
      },
    ],
    relabelings: [{ targetLabel: "instance", replacement: machine.bmc.address, action: "replace" }],
  };
  return { kind: "ScrapeConfig", name: `ipmi-remote-${machine.name}`, spec };
}

/** Sensors over the machine's own bus. */
function renderLocalMonitor(site: IpmiSite): OperatorObject {
  const interval = renderDuration(site.config.ipmi.scrapeInterval);
  const spec = {
    selector: { matchLabels: LOCAL_LABELS },
    jobLabel: "app.kubernetes.io/name",
    podMetricsEndpoints: [
      {
        port: "metrics",
        interval,
        scrapeTimeout: interval,
        relabelings: [
          { targetLabel: "job", replacement: "ipmi-local", action: "replace" },
          {
            sourceLabels: ["__meta_kubernetes_pod_node_name"],
            targetLabel: "machine",
            action: "replace",
          },
        ],
      },
    ],
  };
  return { kind: "PodMonitor", name: "ipmi-local", spec };
}

/** The local exporters, and the Secret for the BMCs whose passwords are known. */
function create(site: IpmiSite, frame: PartFrame): Made {
  const machines = machinesWithBmc(site.machines);
  if (machines.length === 0) return { before: [] };
  new kubernetes.apps.v1.DaemonSet(
    `${frame.prefix}-ipmi-local`,
    renderLocalIpmi(site),
    frame.opts(),
  );
  const bmcs = machines.flatMap((machine): BmcAccess[] => {
    const password = frame.secrets(machine.bmc.passwordSecret);
    return password === undefined ? [] : [{ machine, password }];
  });
  if (bmcs.length === 0) return { before: [] };
  const secret = createSecret(frame.prefix, bmcs, frame.opts());
  return {
    before: [secret],
    secretName: secret.metadata.name,
    objects: bmcs.map(({ machine }) => renderRemoteJob(machine, site)),
  };
}

/** Hardware sensors: on the machines themselves, and through each BMC. */
export const ipmiExporter = definePart({
  name: NAME,
  place: 14,
  keys: { ipmi: ipmiSchema },
  dashboards: [ipmiHardware],
  plan: (site) => {
    const { ipmi, machine } = site.config;
    const bmcs = machinesWithBmc(site.machines);
    const machines = bmcs.map(({ name }) => name);
    const memory = machines.map((name) =>
      configuredMemory("ipmi", "the IPMI exporter on the machine", ipmi, name),
    );
    const peers = bmcs.map(({ bmc }) => ({ cidr: `${bmc.address}/32` }));
    const policy = egress("ipmi-to-bmc", PODS, peers, [{ port: BMC_PORT, protocol: "UDP" }]);
    const hasBmc = machines.length > 0;
    return {
      machinePorts: [{ port: PORT, purpose: "IPMI exporter", machines }],
      packages: [{ machines, debian: ["ipmitool"], rhel: ["ipmitool", "OpenIPMI"] }],
      policies: () => (hasBmc ? [policy] : []),
      memory: hasBmc
        ? [configuredMemory("ipmi", "the IPMI exporter", ipmi, machine), ...memory]
        : [],
      objects: () => (hasBmc ? [renderLocalMonitor(site)] : []),
      create: (frame) => create(site, frame),
      release: ({ secretName }) =>
        secretName === undefined ? undefined : renderRelease(site, secretName),
    };
  },
});
