import type { App, AppPlan, AppSite } from "./frame/app";
import type { AppsConfig } from "./config";
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
  return listWanted(config).map((wanted) => planApp(wanted, site));
}

/** The apps' versions that the configuration chooses, by key: "apps.minecraft.version". */
export function listAppVersions(config: AppsConfig): Record<string, string> {
  return Object.fromEntries(
    listWanted(config).flatMap(({ name, app, settings }) =>
      Object.entries(app.versions?.(settings) ?? {}).map(([key, version]) => [
        `apps.${name}.${key}`,
        version,
      ]),
    ),
  );
}

function planApp({ name, app, settings }: Wanted, site: AppSite): AppPlan {
  const plan = app.plan(settings, site);
  if (plan.name === name) return plan;
  throw new Error(`apps/registry.ts has the app ${name}, but its plan is called ${plan.name}`);
}
