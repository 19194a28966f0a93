import type { App, AppPlan, AppSite } from "./frame/app";
import type { AppsConfig } from "./config";
import * as registry from "./registry";

/** The plans of the apps that the configuration names, in the order of their names. */
export function planApps(config: AppsConfig, site: AppSite): AppPlan[] {
  const apps: Readonly<Record<string, App>> = registry;
  const settings: Readonly<Record<string, unknown>> = config;
  return Object.keys(apps)
    .sort()
    .flatMap((name) => {
      const [app, own] = [apps[name], settings[name]];
      return app === undefined || own === undefined ? [] : [planApp(name, app, own, site)];
    });
}

function planApp(name: string, app: App, settings: unknown, site: AppSite): AppPlan {
  const plan = app.plan(settings, site);
  if (plan.name === name) return plan;
  throw new Error(`apps/registry.ts has the app ${name}, but its plan is called ${plan.name}`);
}
