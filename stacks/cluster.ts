import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Apps } from "../components/apps/apps";
import { appsChecks } from "../components/apps/facts";
import { Backup } from "../components/backup/backup";
import { createCluster, createEndpoint } from "../components/bootstrap/bootstrap";
import type { Cluster } from "../components/bootstrap/cluster";
import { virtualSizes } from "../components/hypervisor/virtual";
import { describeControlPlane } from "../components/bootstrap/facts";
import { Gitops } from "../components/gitops/gitops";
import { Monitoring } from "../components/monitoring/monitoring";
import { Network } from "../components/network/network";
import { platformChecks, platformOutputs } from "../components/platform/facts";
import { classResource } from "../components/platform/storage/names";
import { Platform } from "../components/platform/platform";
import { Power } from "../components/power/power";
import type { RemoteAccess } from "../components/remote/machine";
import { smokeImage } from "../components/shared/smoke-pod";
import { Validation } from "../components/validation/validation";
import { after } from "./after";
import { clusterArgs } from "./cluster-args";
import type { Stack } from "./config";
import { digestStack } from "./digests";
import { usedClasses } from "./claims";
import { LayerOrder } from "./layer-order";
import { buildMachines } from "./machines";
import { controllerOf, deadControllers, endpointOf, retiredFrom } from "./site";
import { takeOver } from "./take-over";
import { version } from "./version";

/** What a stack tells the world. Parts of monitoring add outputs of their own, such as `grafanaPassword`. */
export interface StackOutputs {
  /** The version of VMStation that has applied the stack. */
  readonly version: string;
  /** Administrator's kubeconfig; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  readonly endpoint: pulumi.Output<string>;
  /** What the bootstrap has recorded of the cluster, as JSON; the next preview names its steps by it. */
  readonly bootstrap?: pulumi.Output<string>;
  /** Where people find things, by name. */
  readonly urls: Record<string, pulumi.Input<string>>;
  /** Opens the backups, should the control plane be lost with its disk; a secret. */
  readonly backupPassword?: pulumi.Output<string>;
  /** What the checks at the end of the graph found, as JSON. */
  readonly validation: pulumi.Output<string>;
}

/** Hypervisor → preflight → nodes → bootstrap → network → platform → monitoring → power → apps → gitops → backup → validation. */
export function buildCluster(stack: Stack): StackOutputs {
  let clusterDone = false;
  const { access, nodes } = buildMachines(stack, () => clusterDone);
  const cluster = createBootstrap(stack, access, nodes);
  // The engine leaves it unknown where something before it has failed.
  cluster.kubeconfig.apply(() => (clusterDone = true));
  const provider = createProvider(stack, cluster);
  const order = new LayerOrder(cluster.ready);
  createNetwork(stack, access, provider, order);
  createPlatform(stack, access, provider, order);
  const monitoring = createMonitoring(stack, access, provider, order);
  createPower(stack, access, provider, cluster, order);
  const apps = createApps(stack, access, provider, order, monitoring);
  const gitops = createGitops(stack, provider, order);
  const backup = createBackup(stack, access, order);
  const validation = createValidation(stack, access, cluster, order, { monitoring, gitops });
  return {
    ...(stack.site.platform && platformOutputs(stack.site.platform)),
    ...monitoring?.outputs,
    version,
    kubeconfig: cluster.kubeconfig,
    endpoint: cluster.endpoint,
    ...(cluster.record ? { bootstrap: cluster.record } : {}),
    urls: {
      ...apps.urls,
      ...(gitops?.url === undefined ? {} : { argocd: gitops.url }),
      ...monitoring?.urls,
    },
    ...(backup ? { backupPassword: backup.password } : {}),
    validation: validation.report,
  };
}

/** Waits for every machine: a cluster is made of all of them. */
function createBootstrap({ site }: Stack, access: RemoteAccess, nodes: pulumi.Resource[]): Cluster {
  const args = clusterArgs(site, access);
  const endpoint = createEndpoint(args, after(nodes));
  return createCluster("bootstrap", args, after(endpoint?.ready ?? nodes));
}

/** The only Kubernetes provider: nothing here ever meets the operator's own kubeconfig. */
function createProvider({ site }: Stack, cluster: Cluster): k8s.Provider {
  return new k8s.Provider(
    "kubernetes",
    {
      kubeconfig: cluster.kubeconfig,
      clusterIdentifier: site.config.cluster.name,
      enableServerSideApply: true,
      // Their names are fixed: replacing one would first delete what its pods have mounted.
      enableConfigMapMutable: true,
      enableSecretMutable: true,
      ...takeOver(site),
    },
    { dependsOn: [cluster.ready] },
  );
}

function createNetwork(
  { site }: Stack,
  access: RemoteAccess,
  provider: k8s.Provider,
  order: LayerOrder,
): Network {
  return new Network(
    "network",
    {
      machines: site.machines,
      access,
      controller: controllerOf(site),
      lan: site.config.lan.cidr,
      podCidr: site.config.network.podCidr,
      smokeImage: smokeImage(site.config.bootstrap.sources.imageDigests.pause),
      namespaces: site.facts.namespaces,
    },
    order.next({ providers: [provider] }),
  );
}

function createPlatform(
  { site, secrets }: Stack,
  access: RemoteAccess,
  provider: k8s.Provider,
  order: LayerOrder,
): Platform | undefined {
  const { platform: plan } = site;
  if (plan === undefined) return undefined;
  const args = { plan, access, hosts: site.facts.hosts, secrets };
  // A pool that somebody else uses, or a certificate that is refused, keeps no app and no backup waiting.
  const needed = usedClasses(site.facts).map((name) => classResource("platform-storage", name));
  const options = order.next({ providers: [provider] }, ({ name }) => needed.includes(name));
  return new Platform("platform", args, options);
}

function createMonitoring(
  { site, secrets }: Stack,
  access: RemoteAccess,
  provider: k8s.Provider,
  order: LayerOrder,
): Monitoring | undefined {
  const { monitoring } = site.config;
  if (monitoring === undefined) return undefined;
  return new Monitoring(
    "monitoring",
    {
      config: monitoring,
      context: {
        ...site,
        ingress: site.platform?.offers.ingress,
        dashboards: site.facts.dashboards,
        dashboardFiles: site.facts.dashboardFiles,
        alerts: site.facts.alerts,
        scrapes: site.facts.scrapes,
      },
      access,
      secrets,
    },
    order.next({ providers: [provider] }),
  );
}

function createPower(
  { site, secrets }: Stack,
  access: RemoteAccess,
  provider: k8s.Provider,
  cluster: Cluster,
  order: LayerOrder,
): Power | undefined {
  if (!site.machines.some((machine) => machine.sleeps)) return undefined;
  const { config, machines, sleepingApps: apps } = site;
  return new Power(
    "power",
    {
      config: config.power,
      lan: config.lan,
      machines,
      controller: controllerOf(site),
      access,
      retired: retiredFrom(site),
      token: config.cluster.controller,
      endpoint: cluster.endpoint,
      apiServerPort: site.apiServerPort,
      apps,
      secrets,
    },
    order.next({ providers: [provider] }),
  );
}

function createApps(
  { site, secrets }: Stack,
  access: RemoteAccess,
  provider: k8s.Provider,
  order: LayerOrder,
  monitoring: Monitoring | undefined,
): Apps {
  const { config, machines } = site;
  return new Apps(
    "apps",
    {
      plans: site.apps,
      config: config.apps,
      machines,
      controller: controllerOf(site),
      access,
      secrets,
      monitored: config.monitoring !== undefined,
      dashboards: monitoring?.urls ?? {},
      prometheus: monitoring?.queryUrl,
      ingress: site.platform?.offers.ingress,
      handover: config.gitops?.apps ?? {},
    },
    order.next({ providers: [provider] }),
  );
}

function createGitops(
  { site, secrets }: Stack,
  provider: k8s.Provider,
  order: LayerOrder,
): Gitops | undefined {
  const { gitops: config } = site.config;
  if (config === undefined) return undefined;
  const host = site.facts.hosts.find(({ path }) => path === "gitops.host");
  const ingress = site.platform?.offers.ingress;
  return new Gitops(
    "gitops",
    { config, host, ingress, secrets },
    order.next({ providers: [provider] }),
  );
}

function createBackup(
  { site }: Stack,
  access: RemoteAccess,
  order: LayerOrder,
): Backup | undefined {
  const { config, machines, facts } = site;
  if (!config.backup.enabled) return undefined;
  const controller = controllerOf(site);
  return new Backup(
    "backup",
    {
      clusterName: config.cluster.name,
      config: config.backup,
      controller,
      machines,
      access,
      retired: retiredFrom(site),
      dead: deadControllers(site).map(({ name }) => name),
      controlPlane: describeControlPlane(config.bootstrap, controller.name),
      sources: facts.backups,
    },
    order.next(),
  );
}

function createValidation(
  { site }: Stack,
  access: RemoteAccess,
  cluster: Cluster,
  { everything }: LayerOrder,
  { monitoring, gitops }: { monitoring: Monitoring | undefined; gitops: Gitops | undefined },
): Validation {
  return new Validation("validation", {
    config: site.config.validation,
    access,
    controller: controllerOf(site),
    expected: {
      machines: site.machines,
      lan: site.config.lan,
      clusterDns: site.clusterDns,
      encapsulation: site.config.network.encapsulation,
      daemonSets: site.daemonSets,
      namespaces: site.facts.namespaces.map((namespace) => namespace.name),
      endpoint: endpointOf(site),
      virtual: virtualSizes(site),
      platformChecks: site.platform && platformChecks(site.platform),
      appChecks: appsChecks(site.apps),
      gitops: gitops && { page: gitops.url ?? "Argo CD" },
      monitoring: monitoring?.addresses,
    },
    digest: digestStack(site),
    cluster: cluster.ready,
    everything,
  });
}
