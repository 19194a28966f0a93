import type { App, AppPlan, AppSite } from "./frame/app";
import type { AppsConfig } from "./config";
import { planConfigured } from "./configured/plan";
import { isConfigured } from "./configured/schema";
import { OWN_KEYS } from "./own-keys";
import * as registry from "./registry";

interface Wanted {
  readonly name: string;
  readonly app: App;
  readonly settings: unknown;
}

/** The apps that the configuration names, in the order of their names. */
function listWanted(config: AppsConfig): Wanted[] {
  const apps: Readonly<Record<string, App>> = registry;
  const all: Readonly<Record<string, unknown>> = config;
  return Object.entries(apps)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, app]) => ({ name, app, settings: all[name] }))
    .filter(({ settings }) => settings !== undefined);
}

/** The plans of the apps that the configuration names, in the order of their names. */
export function planApps(config: AppsConfig, site: AppSite): AppPlan[] {
  const all = [
    ...listWanted(config).map((wanted) => planApp(wanted, site)),
    ...listConfigured(config).map(([name, app]) => planConfigured(name, app, site)),
  ];
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The apps that the configuration describes whole, by their names. */
export function listConfigured(config: AppsConfig) {
  const known = [...Object.keys(registry), ...OWN_KEYS];
  return Object.entries(config).flatMap(([name, app]) =>
    known.includes(name) || !isConfigured(app) ? [] : [[name, app] as const],
  );
}

/** The apps' versions that the configuration chooses, by key: "apps.minecraft.version". */
export function listAppVersions(config: AppsConfig): Record<string, string> {
  const charts = listConfigured(config).flatMap(([name, app]) =>
    app.kind === "chart" ? [pair(`apps.${name}.chart.version`, app.chart.version)] : [],
  );
  return Object.fromEntries([
    ...charts,
    ...listWanted(config).flatMap(({ name, app, settings }) =>
      Object.entries(app.versions?.(settings) ?? {}).map(([key, version]) =>
        pair(`apps.${name}.${key}`, version),
      ),
    ),
  ]);
}

const pair = (key: string, version: string): [string, string] => [key, version];

function planApp({ name, app, settings }: Wanted, site: AppSite): AppPlan {
  const plan = app.plan(settings, site);
  if (plan.name === name) return plan;
  throw new Error(`apps/registry.ts has the app ${name}, but its plan is called ${plan.name}`);
}
