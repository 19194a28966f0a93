import type { GitopsConfig } from "./config";

/** Apps whose objects the repository has. Their namespaces stay those of the apps. */
export function handedOver({ apps }: Pick<GitopsConfig, "apps">): string[] {
  return Object.keys(apps)
    .filter((name) => apps[name] === "handed-over")
    .sort();
}

/** All that Argo CD may fill. */
export function filledNamespaces(config: Pick<GitopsConfig, "namespaces" | "apps">): string[] {
  return [...new Set([...config.namespaces, ...handedOver(config)])].sort();
}
