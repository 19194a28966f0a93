/** The apps: one line each, by the key under `vmstation:apps`. See "Adding an app" in CONTRIBUTING.md. */
export { homepage } from "./homepage/homepage";
export { jellyfin } from "./jellyfin/jellyfin";
export { minecraft } from "./minecraft/minecraft";
export { vault } from "./vault/vault";
export { vaultwarden } from "./vaultwarden/vaultwarden";
