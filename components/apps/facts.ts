import type {
  BackupSource,
  ClaimUse,
  LayerFacts,
  NamespaceNeed,
  PolicyPeer,
  VolumePlace,
} from "../shared/facts";
import type { HostUse } from "../shared/hosts";
import type { Json } from "../shared/json";
import type { SleepingApp } from "../power/types";
import type { AppPlan, AppRoute, AppSite, AppVolume, ClaimVolume, PlacedVolume } from "./frame/app";
import { renderDashboard } from "./frame/dashboard";
import { renderSelector } from "./frame/placement";

/** What the apps say of themselves, from their plans alone. */
export function appsFacts(plans: readonly AppPlan[], site: AppSite): LayerFacts {
  return {
    nodePorts: plans.flatMap((plan) =>
      plan.ports.flatMap(({ path, nodePort }) =>
        nodePort === undefined ? [] : { path, port: nodePort },
      ),
    ),
    placements: plans.filter(isPlanPlaced).map((plan) => ({
      path: `apps.${plan.name}.machine`,
      machine: plan.machine,
    })),
    volumes: plans
      .filter(isPlanPlaced)
      .flatMap((plan) => plan.volumes.filter(isPlaced).map((volume) => place(volume, plan))),
    claims: plans.flatMap((plan) =>
      plan.volumes.filter(isClaim).map((volume) => renderClaimUse(volume, plan, site)),
    ),
    memory: plans.filter(isPlanPlaced).map((plan) => ({
      path: `apps.${plan.name}.resources.limits.memory`,
      machine: plan.machine,
      user: plan.title,
      bytes: plan.resources.limits.memory,
    })),
    firewall: plans.flatMap((plan) => plan.firewall ?? []),
    namespaces: plans.map(renderNamespace),
    secrets: plans.flatMap((plan) => plan.secrets),
    alerts: plans.flatMap((plan) => plan.alerts ?? []),
    dashboards: plans.map((plan) => renderDashboard(plan, sleeps(plan.machine, site))),
    dashboardFiles: plans.flatMap((plan) => plan.dashboards ?? []),
    backups: plans.flatMap(listBackups),
    hosts: plans.flatMap((plan) => hostsOf(plan, site)),
  };
}

type PlacedPlan = AppPlan & { readonly machine: string };

const isPlanPlaced = (plan: AppPlan): plan is PlacedPlan => plan.machine !== undefined;

/** The app's pods, as the backups find them. */
function podsOf({ name, selector }: AppPlan): BackupSource["pods"] {
  const labels = selector ?? { "app.kubernetes.io/name": name };
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return { namespace: name, selector: pairs.join(",") };
}

/** Each folder by the app's name, and by its own where there are several. */
function listBackups(plan: AppPlan): BackupSource[] {
  const { name, machine, backups } = plan;
  if (machine === undefined) return [];
  return backups.map((directory) => ({
    name:
      backups.length === 1
        ? name
        : [name, ...(directory.toLowerCase().match(/[a-z0-9]+/g) ?? [])].join("-"),
    set: "apps",
    machine,
    directory,
    leaveOut: [],
    databases: true,
    pods: podsOf(plan),
  }));
}

const isClaim = (volume: AppVolume): volume is ClaimVolume => volume.kind === "claim";
const isPlaced = (volume: AppVolume): volume is PlacedVolume => !isClaim(volume);

/** Of an app without a machine, where the control plane is: its class has to reach any machine that is always on. */
function renderClaimUse(
  { name, path, storageClass, isKeptElsewhere }: ClaimVolume,
  plan: AppPlan,
  { controller }: AppSite,
): ClaimUse {
  const machine = plan.machine ?? controller?.name ?? "";
  return {
    ...{ path, storageClass, machine, user: plan.title },
    ...(plan.machine === undefined ? { isAnywhere: true } : {}),
    ...{ namespace: plan.name, claim: name },
    backup:
      isKeptElsewhere === true
        ? undefined
        : {
            name: `${plan.name}-${name}`,
            set: "apps",
            leaveOut: [],
            databases: true,
            pods: podsOf(plan),
          },
  };
}

/** A volume of another machine keeps its user awake with it, so it does not sleep with that machine. */
function place(volume: PlacedVolume, plan: PlacedPlan): VolumePlace {
  const machine = volume.kind === "local" ? plan.machine : volume.server;
  return {
    path: volume.path,
    machine,
    directory: volume.directory,
    user: plan.title,
    sleepsWith: machine === plan.machine,
    overNfs: volume.kind === "nfs",
    isShared: volume.kind === "nfs" || volume.owner === undefined,
  };
}

function renderNamespace(plan: AppPlan): NamespaceNeed {
  return { name: plan.name, podSecurity: plan.podSecurity, policies: plan.policies };
}

/** The apps whose machine sleeps, as the power layer wants to know them. */
export function sleepingApps(plans: readonly AppPlan[], site: AppSite): SleepingApp[] {
  return plans
    .filter(isPlanPlaced)
    .filter((plan) => sleeps(plan.machine, site))
    .map((plan) => ({
      app: plan.name,
      title: plan.title,
      path: `apps.${plan.name}`,
      machine: plan.machine,
      workload: { namespace: plan.name, ...plan.workload },
      service: plan.service,
      probePort: plan.idle.port,
      probe: plan.idle.probe,
      advertised: plan.ports.flatMap(({ port, nodePort, speaks }) =>
        nodePort === undefined ? [] : { port: nodePort, servicePort: port, speaks },
      ),
    }));
}

export function sleeps(machine: string | undefined, site: Pick<AppSite, "machines">): boolean {
  return site.machines.some(({ name, sleeps }) => name === machine && sleeps);
}

/** The app's names behind the ingress, its own before those for somebody in particular. */
export function hostsOf(plan: AppPlan, site: Pick<AppSite, "machines" | "controller">): HostUse[] {
  const { route, moreRoutes = [] } = plan;
  const routes = route === undefined ? [] : [route, ...moreRoutes];
  return routes.flatMap((each) => useOf(each, plan, site) ?? []);
}

/** Where its machine sleeps, the control plane answers for it, asleep and awake. */
function useOf(
  { path, written, access, port: portName, suffix, closed }: AppRoute,
  { name, machine, service, ports }: AppPlan,
  site: Pick<AppSite, "machines" | "controller">,
): HostUse | undefined {
  const port = ports.find((each) => each.name === portName);
  if (port === undefined) return undefined;
  const { controller } = site;
  const held =
    sleeps(machine, site) && controller !== undefined && port.nodePort !== undefined
      ? { address: controller.address, port: port.nodePort }
      : undefined;
  return {
    ...{ path, written, access, namespace: name, service, port: port.port, held },
    ...(suffix === undefined ? {} : { suffix }),
    ...(closed === undefined ? {} : { closed }),
  };
}

/** What the checks at the end of the graph look at, by app; undefined where there is nothing but pods. */
export function appsChecks(plans: readonly AppPlan[]): Readonly<Record<string, Json>> | undefined {
  const checks = plans.flatMap(({ name, checks }): [string, Json][] =>
    checks === undefined ? [] : [[name, checks]],
  );
  const all = [...checks, ...checksOfOthers(plans)];
  return all.length === 0 ? undefined : Object.fromEntries(all);
}

/** Of apps whose objects others have written: that they stay in their frames. */
function checksOfOthers(plans: readonly AppPlan[]): [string, Json][] {
  const frames = plans
    .filter(({ isConfigured }) => isConfigured)
    .map(({ name, machine, ports, service, volumes }): [string, Json] => [
      name,
      {
        machine: machine ?? null,
        service,
        nodePorts: ports.flatMap(({ nodePort }) => nodePort ?? []),
        folders: volumes.flatMap((volume) => (volume.kind === "local" ? volume.directory : [])),
      },
    ]);
  return frames.length === 0 ? [] : [["configured", Object.fromEntries(frames)]];
}

/** The pods of apps that ask Prometheus. */
export function prometheusReaders(plans: readonly AppPlan[]): PolicyPeer[] {
  return plans
    .filter(({ asksPrometheus }) => asksPrometheus === true)
    .map((plan) => ({ namespace: plan.name, pods: plan.selector ?? renderSelector(plan.name) }));
}
