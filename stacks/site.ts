import { appsFacts, prometheusReaders, sleepingApps } from "../components/apps/facts";
import type { AppPlan } from "../components/apps/frame/app";
import { planApps } from "../components/apps/plan-apps";
import { backupFacts } from "../components/backup/facts";
import { bootstrapFacts } from "../components/bootstrap/facts";
import { methodOf } from "../components/bootstrap/methods";
import { gitopsFacts } from "../components/gitops/facts";
import type { VmConfig } from "../components/hypervisor/config";
import { wakeByApi, type WakeByApi } from "../components/hypervisor/virtual";
import { hypervisorFacts } from "../components/hypervisor/facts";
import type { LayerFacts } from "../components/shared/facts";
import type { MonitoringContext } from "../components/monitoring/context";
import { monitoringFacts } from "../components/monitoring/facts";
import { clusterDnsOf, type NodeNetwork } from "../components/network/addresses";
import { networkFacts } from "../components/network/facts";
import { findController, nodeFacts } from "../components/node/facts";
import type { Machine } from "../components/node/machine";
import { platformFacts, platformScrapes } from "../components/platform/facts";
import { planPlatform, type PlatformContext, type PlatformPlan } from "../components/platform/plan";
import { wakeTimeoutOf, type MachinePowerConfig } from "../components/power/config";
import { powerFacts } from "../components/power/facts";
import { lanFacts } from "../components/remote/facts";
import type { SleepingApp } from "../components/power/types";
import { addressOf } from "../components/apps/frame/address";
import { backupsOfClaims, unkeptClaims } from "./claims";
import type { StackConfig } from "./schema";

/** A machine with all that the configuration says of it. */
export interface SiteMachine extends Machine<MachinePowerConfig> {
  /** Where it is virtual: how it is made. */
  readonly vm?: VmConfig | undefined;
  /** Where it is virtual, and may sleep: what wakes it. */
  readonly hosted?: WakeByApi | undefined;
}

/** The configuration as the layers see it: machines as a list, what is derived, and each layer's facts. */
export interface Site {
  readonly config: StackConfig;
  /** Sorted by name, so that the order in the file changes nothing. */
  readonly machines: readonly SiteMachine[];
  /**
   * What the power controller, the backups and the checks run on: see findController. Undefined where the configuration
   * names none, which is refused.
   */
  readonly controller: SiteMachine | undefined;
  /** The control plane that the others join, and that Ansible runs on: the same, unless another took over. */
  readonly first: SiteMachine | undefined;
  readonly lan: StackConfig["lan"];
  readonly network: StackConfig["network"] & NodeNetwork;
  readonly apiServerPort: number;
  readonly clusterDns: string;
  readonly logServer: string;
  /** Of the bootstrap method: see MethodSpec. */
  readonly isOneProcess: boolean;
  readonly daemonSets: readonly string[];
  /** The parts of the platform that the configuration names. */
  readonly platform: PlatformPlan | undefined;
  /** The apps that the configuration names. */
  readonly apps: readonly AppPlan[];
  /** Those whose machine sleeps, as the power layer knows them. */
  readonly sleepingApps: readonly SleepingApp[];
  /** Of all layers, merged. */
  readonly facts: Required<LayerFacts>;
}

function listMachines(config: StackConfig): SiteMachine[] {
  return Object.entries(config.machines)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, machine]) => ({
      ...{ name, ...machine, sleeps: machine.power.mode === "sleeps" },
      ...findHosted(machine, config),
    }));
}

function findHosted(
  { vm }: StackConfig["machines"][string],
  { hypervisor }: StackConfig,
): { hosted?: WakeByApi } {
  if (vm === undefined || hypervisor === undefined) return {};
  const hosted = wakeByApi(vm, hypervisor);
  return hosted === undefined ? {} : { hosted };
}

function mergeFacts(layers: readonly LayerFacts[]): Required<LayerFacts> {
  return {
    nodePorts: layers.flatMap((facts) => facts.nodePorts ?? []),
    placements: layers.flatMap((facts) => facts.placements ?? []),
    volumes: layers.flatMap((facts) => facts.volumes ?? []),
    memory: layers.flatMap((facts) => facts.memory ?? []),
    firewall: layers.flatMap((facts) => facts.firewall ?? []),
    packages: layers.flatMap((facts) => facts.packages ?? []),
    namespaces: layers.flatMap((facts) => facts.namespaces ?? []),
    secrets: layers.flatMap((facts) => facts.secrets ?? []),
    dashboards: layers.flatMap((facts) => facts.dashboards ?? []),
    dashboardFiles: layers.flatMap((facts) => facts.dashboardFiles ?? []),
    backups: layers.flatMap((facts) => facts.backups ?? []),
    addresses: layers.flatMap((facts) => facts.addresses ?? []),
    alerts: layers.flatMap((facts) => facts.alerts ?? []),
    scrapes: layers.flatMap((facts) => facts.scrapes ?? []),
    openQuestions: layers.flatMap((facts) => facts.openQuestions ?? []),
    hosts: layers.flatMap((facts) => facts.hosts ?? []),
    storageClasses: layers.flatMap((facts) => facts.storageClasses ?? []),
    claims: layers.flatMap((facts) => facts.claims ?? []),
  };
}

/** What follows of claims and classes together, which are of different layers. */
function withClaims(facts: Required<LayerFacts>): Required<LayerFacts> {
  return {
    ...facts,
    backups: [...facts.backups, ...backupsOfClaims(facts)],
    openQuestions: [...facts.openQuestions, ...unkeptClaims(facts)],
  };
}

/** The apps, and the address under which people reach their ports. */
function servedApps(
  apps: readonly AppPlan[],
  site: Parameters<typeof addressOf>[1],
): { name: string; address: string }[] {
  return apps.flatMap(({ name, machine }) => {
    const address = addressOf(machine, site);
    return address === undefined ? [] : [{ name, address }];
  });
}

function findControllers(
  { bootstrap, cluster }: StackConfig,
  machines: readonly SiteMachine[],
): Pick<Site, "first" | "controller"> {
  const first = findController(machines, bootstrap.controller);
  const { controller } = cluster;
  return {
    first,
    controller: controller === undefined ? first : findController(machines, controller),
  };
}

function planPlatformOf(
  { platform, monitoring }: StackConfig,
  context: Omit<PlatformContext, "monitored">,
): PlatformPlan | undefined {
  if (platform === undefined) return undefined;
  return planPlatform(platform, { ...context, monitored: monitoring !== undefined });
}

/** What monitoring states of itself, which depends on what it watches, and on who asks it. */
function monitoringFactsOf(
  { monitoring }: StackConfig,
  context: MonitoringContext & Pick<Site, "platform" | "apps">,
): LayerFacts {
  if (monitoring === undefined) return {};
  const { platform, apps } = context;
  // They follow from no name.
  const scrapes = platform === undefined ? [] : platformScrapes(platform);
  return monitoringFacts(monitoring, { ...context, scrapes, readers: prometheusReaders(apps) });
}

/** The network that the machines have for themselves, beside the LAN: nothing where no machine has an address in one. */
function findNodeNetwork({ machines, node, hypervisor }: StackConfig): NodeNetwork {
  const nodeCidr = hypervisor?.network?.cidr ?? node.clusterCidr;
  const isUsed = Object.values(machines).some(({ clusterAddress }) => clusterAddress !== undefined);
  return nodeCidr === undefined || !isUsed ? {} : { nodeCidr };
}

/** The facts that the layers state, of a configuration whose every key is right by itself. */
export function buildSite(config: StackConfig): Site {
  const { isOneProcess = false, daemonSets } = methodOf(config.bootstrap);
  const machines = listMachines(config);
  const clusterDns = clusterDnsOf(config.network);
  const { first, controller } = findControllers(config, machines);
  const context = {
    machines,
    controller,
    first,
    lan: config.lan,
    network: { ...config.network, ...findNodeNetwork(config) },
    apiServerPort: config.bootstrap.apiServerPort,
    clusterDns,
    logServer: config.node.logServer,
    isOneProcess,
    daemonSets,
  };
  const apps = planApps(config.apps, context);
  const served = servedApps(apps, context);
  const platform = planPlatformOf(config, { ...context, served });
  const sleeping = sleepingApps(apps, context);
  const ofApps = appsFacts(apps, context);
  const ingress = platform?.offers.ingress;
  const monitoring = monitoringFactsOf(config, { ...context, platform, apps, ingress });
  const gitops: LayerFacts = config.gitops === undefined ? {} : gitopsFacts(config.gitops, context);
  const hosts = [monitoring, ofApps, gitops].flatMap((layer) => layer.hosts ?? []);
  const facts = mergeFacts([
    hypervisorFacts(config.hypervisor, machines),
    lanFacts(config.lan),
    nodeFacts(config.node, machines),
    bootstrapFacts(config.bootstrap, { ...context, controller: first }),
    networkFacts(config.network, controller?.name),
    ...(platform === undefined ? [] : platformFacts(platform, hosts)),
    monitoring,
    powerFacts(config.power, {
      machines,
      controller: controller?.name,
      sleepingApps: sleeping,
    }),
    ofApps,
    gitops,
    backupFacts(config.backup, controller?.name),
  ]);
  return { config, ...context, platform, apps, sleepingApps: sleeping, facts: withClaims(facts) };
}

/** The controller of a configuration that is right. */
export function controllerOf({ controller }: Pick<Site, "controller">): SiteMachine {
  return known(controller);
}

/** The machine that the others join, of a configuration that is right. */
export function firstOf({ first }: Pick<Site, "first">): SiteMachine {
  return known(first);
}

function known(machine: SiteMachine | undefined): SiteMachine {
  if (machine === undefined) throw new Error("the configuration names no control plane");
  return machine;
}

/** Control planes that may have been the controller before another took over, and are there to lose it. */
export function retiredFrom({ config, machines, controller }: Site): readonly SiteMachine[] {
  if (config.cluster.controller === undefined) return [];
  return machines.filter(
    ({ name, roles, offline }) =>
      roles.includes("control-plane") && !offline && name !== controller?.name,
  );
}

/**
 * The same, as long as they are dead: what their successor would put on them as on any other machine waits until they are
 * back, or each update would fail there.
 */
export function deadControllers({ config, machines, controller }: Site): readonly SiteMachine[] {
  if (config.cluster.controller === undefined) return [];
  return machines.filter(
    ({ name, roles, offline }) =>
      roles.includes("control-plane") && offline && name !== controller?.name,
  );
}

/** The API server's virtual address, and who may hold it; undefined where the stack has none. */
export function endpointOf({ config, machines }: Pick<Site, "config" | "machines">) {
  const { endpoint, apiServerPort } = config.bootstrap;
  if (endpoint === undefined) return undefined;
  const planes = machines.filter(({ roles, offline }) => {
    return roles.includes("control-plane") && !offline;
  });
  return {
    address: endpoint.address,
    port: apiServerPort,
    machines: planes.map(({ name }) => name),
  };
}

/** For a run that wakes several machines, and may know one that the configuration no longer has. */
export function longestWake({ config, machines }: Site): number {
  return Math.max(
    config.power.wakeTimeout,
    ...machines
      .filter((machine) => machine.sleeps)
      .map((each) => wakeTimeoutOf(each.power, config.power)),
  );
}
