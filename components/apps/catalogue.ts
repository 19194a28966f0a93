import type { AppPlan, AppSite } from "./frame/app";
import type { AppsConfig } from "./config";
import { planJellyfin } from "./jellyfin/jellyfin";
import { planMinecraft } from "./minecraft/minecraft";

/** The apps that the configuration names. A new app is a file, its key in config.ts and its line here. */
export function planApps(config: AppsConfig, site: AppSite): AppPlan[] {
  return [
    config.jellyfin && planJellyfin(config.jellyfin, site),
    config.minecraft && planMinecraft(config.minecraft, site),
  ].filter((plan) => plan !== undefined);
}
