import { isReservedNamespace } from "../../components/shared/namespaces";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";

/** Argo CD fills nothing that the stack's other layers own, and runs where it is always on. */
export function gitopsRules(site: Site): Problem[] {
  const { gitops } = site.config;
  if (gitops === undefined) return [];
  return [
    ...gitops.namespaces.flatMap((name, i) => taken(name, `gitops.namespaces[${i}]`, site)),
    ...Object.keys(gitops.apps).flatMap((name) => unknownApp(name, site)),
    ...sleeping(gitops.machine, site),
  ];
}

/** The namespaces of other layers are in the facts as well, so that one of these is there twice. */
function taken(name: string, path: string, { facts, apps }: Site): Problem[] {
  const accepted = "a namespace that nothing else uses";
  if (isReservedNamespace(name))
    return [{ path, found: `${name}, which is the cluster's own`, accepted }];
  if (facts.namespaces.filter((each) => each.name === name).length < 2) return [];
  const isApp = apps.some((app) => app.name === name);
  return [
    {
      path,
      found: `${name}, which the stack itself fills`,
      accepted: isApp
        ? `${accepted}; an app of the stack is handed over by gitops.apps: { ${name}: prepared }`
        : accepted,
    },
  ];
}

function unknownApp(name: string, { apps }: Site): Problem[] {
  if (apps.some((app) => app.name === name)) return [];
  const accepted = "an app of vmstation:apps, which keeps its folders, ports and backups here";
  return [{ path: `gitops.apps.${name}`, found: "no such app", accepted }];
}

function sleeping(machine: string, { machines }: Site): Problem[] {
  if (!machines.some(({ name, sleeps }) => name === machine && sleeps)) return [];
  return [
    {
      path: "gitops.machine",
      found: `${machine}, which sleeps: Argo CD would not notice what changes`,
      accepted: "a machine whose power.mode is always-on",
    },
  ];
}
