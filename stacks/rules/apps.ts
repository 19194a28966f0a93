import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";

/** What the apps say of themselves, and that the names which the configuration gives are free. */
export function appRules(site: Site): Problem[] {
  return [...site.apps.flatMap((app) => app.judge?.() ?? []), ...takenNamespaces(site)];
}

/** Namespaces that are there whatever the stack has. */
const OF_KUBERNETES = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** An app's name is its namespace's. */
function takenNamespaces({ apps, facts }: Site): Problem[] {
  const all = facts.namespaces.map(({ name }) => name);
  return apps
    .filter(({ isConfigured }) => isConfigured)
    .filter(
      ({ name }) => OF_KUBERNETES.includes(name) || all.indexOf(name) !== all.lastIndexOf(name),
    )
    .map(({ name }) => ({
      path: `apps.${name}`,
      found: `an app called ${name}, which is the namespace of something else`,
      accepted: "another name: an app has a namespace of its own",
    }));
}
