import * as fs from "node:fs";
import * as path from "node:path";
import type { SecretUse } from "../../shared/facts";
import type { AppPlan, AppPort, AppSite, AppVolume } from "../frame/app";
import { routeOf } from "../frame/route";
import { readDashboards } from "./dashboards";
import { deployConfigured } from "./deploy";
import { judgeApp, judgeRendered } from "./judge-app";
import { renderPolicies } from "./policies";
import { ANYWHERE, type ConfiguredConfig } from "./schema";
import { APP_LABEL, type ConfiguredPlan } from "./values";

/** The project's folder, in which the configuration names files. */
export const PROJECT = path.resolve(__dirname, "../../..");

/** The plan of an app that the configuration describes whole, called `name`. */
export function planConfigured(name: string, config: ConfiguredConfig, site: AppSite): AppPlan {
  const ports = listPorts(name, config);
  const machine = config.machine === ANYWHERE ? undefined : config.machine;
  const title = renderTitle(name);
  const plan: ConfiguredPlan = {
    name,
    title,
    isConfigured: true,
    machine,
    podSecurity: config.podSecurity.level,
    resources: config.resources,
    quota: config.quota,
    fillsResources: true,
    selector: { [APP_LABEL]: name },
    ports,
    volumes: listVolumes(name, config),
    policies: renderPolicies(name, config, site),
    secrets: listSecrets(name, config),
    idle: { port: portOf(config, config.use.port), ...readProbe(config) },
    ...(config.metrics && { metrics: config.metrics }),
    route: routeOf(name, config, config.hostPort ?? ports[0]?.name ?? ""),
    panels: config.panels.map(({ title, expr, legend, unit }) => ({
      kind: "lines",
      title,
      queries: [{ expr, ...(legend === undefined ? {} : { legend }) }],
      ...(unit === undefined ? {} : { unit }),
    })),
    dashboards: readDashboards({ name, title, folder: PROJECT }, config.dashboards).files,
    workload: { kind: config.workload.kind, name: config.workload.name ?? name },
    service: config.service ?? name,
    backups: machine === undefined ? [] : listBackups(config),
  };
  const sleeps = site.machines.some((each) => each.name === machine && each.sleeps);
  return {
    ...plan,
    judge: () => judgeApp({ plan, config, sleeps, folder: PROJECT }),
    judgeRendered: (how) => judgeRendered({ plan, config, sleeps, folder: PROJECT }, how),
    deploy: (frame) => {
      deployConfigured(plan, config, frame, PROJECT);
    },
  };
}

/** "home-page" is HomePage: a part of the alert's name. */
function renderTitle(name: string): string {
  return name
    .split("-")
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join("");
}

function listPorts(app: string, { ports }: ConfiguredConfig): AppPort[] {
  return Object.entries(ports).map(([name, { port, nodePort, speaks }]) => ({
    ...{ name, port, nodePort, speaks },
    path: `apps.${app}.ports.${name}.nodePort`,
  }));
}

/** Of a port by its name, or the first. What is no port here is found by judgeApp. */
function portOf({ ports }: ConfiguredConfig, name: string | undefined): number {
  const [first] = Object.values(ports);
  return (name === undefined ? first : ports[name])?.port ?? 0;
}

function listVolumes(app: string, { volumes }: ConfiguredConfig): AppVolume[] {
  return Object.entries(volumes).flatMap(([name, { path: directory, storageClass, ...own }]) => {
    const key = `apps.${app}.volumes.${name}`;
    const { size, uid, readOnly } = own;
    if (storageClass !== undefined) {
      return {
        ...{ kind: "claim", name, path: `${key}.storageClass`, size, storageClass },
        readOnly: false,
      } as const;
    }
    if (directory === undefined) return [];
    const owner = readOnly ? {} : { owner: `${uid}:${uid}` };
    return {
      kind: "local",
      name,
      path: `${key}.path`,
      directory,
      size,
      readOnly,
      ...owner,
    } as const;
  });
}

function listBackups({ volumes }: ConfiguredConfig): string[] {
  return Object.values(volumes).flatMap(({ path: directory, storageClass, readOnly, backup }) =>
    directory !== undefined && storageClass === undefined && !readOnly && backup ? [directory] : [],
  );
}

function listSecrets(app: string, { secrets, use }: ConfiguredConfig): SecretUse[] {
  const own = Object.entries(secrets).flatMap(([secret, keys]) =>
    Object.entries(keys).map(([key, name]) => ({
      path: `apps.${app}.secrets.${secret}.${key}`,
      name,
      leftOut: `the app ${app}, whose pods need it`,
      isRequired: true,
    })),
  );
  if (use.secret === undefined) return own;
  const leftOut = `any open connection to ${app} keeps its machine awake`;
  return [...own, { path: `apps.${app}.use.secret`, name: use.secret, leftOut }];
}

/** A file that is not there is found by judgeApp. */
function readProbe({ use }: ConfiguredConfig): { probe?: AppPlan["idle"]["probe"] } {
  if (use.probe === undefined) return {};
  const file = path.join(PROJECT, use.probe);
  const program = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
  return { probe: { program, secret: use.secret } };
}
