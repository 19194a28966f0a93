import { appsSchema, type AppsConfig } from "../../../components/apps/config";
import { controllerOf } from "../../../stacks/site";
import { homelabSite } from "../../support/site";

export const site = homelabSite();

/** The parts of the homelab that the apps may know. */
export const appSite = {
  machines: site.machines,
  controller: controllerOf(site),
  lan: site.config.lan,
  network: site.config.network,
};

/** Both apps, Jellyfin on its machine that sleeps, Minecraft on the one that never does by default. */
export function appsConfig(changes: Record<string, object> = {}): AppsConfig {
  return appsSchema.parse({
    jellyfin: { machine: "spruce", ...changes.jellyfin },
    minecraft: { machine: "maple", eula: true, ...changes.minecraft },
  });
}
