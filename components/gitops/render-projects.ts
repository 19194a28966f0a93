import type { GitopsConfig } from "./config";
import { API_SERVER, NAMESPACE, PROJECTS } from "./names";
import { filledNamespaces } from "./namespaces";

const metadata = (name: string) => ({ name, namespace: NAMESPACE });
const inNamespace = (namespace: string) => ({ server: API_SERVER, namespace });

/** What a namespace may use, the stack's file says. */
const OURS = [
  { group: "", kind: "ResourceQuota" },
  { group: "", kind: "LimitRange" },
  // With one of these, an Application could be made beside the root's project.
  { group: "argoproj.io", kind: "*" },
];

/** What the repository's Applications may make: nothing but namespaced objects, in their namespaces. */
export function renderAppsProject(config: Pick<GitopsConfig, "namespaces" | "apps">) {
  return {
    metadata: metadata(PROJECTS.apps),
    spec: {
      description: "What the repository's Applications make",
      sourceRepos: ["*"],
      destinations: filledNamespaces(config).map(inNamespace),
      clusterResourceWhitelist: [],
      namespaceResourceBlacklist: OURS,
    },
  };
}

/** What the root Application may make: Applications, and none of the projects that bind them. */
export function renderRootProject({ repository }: Pick<GitopsConfig, "repository">) {
  return {
    metadata: metadata(PROJECTS.root),
    spec: {
      description: "The repository's Applications themselves",
      sourceRepos: [repository],
      destinations: [inNamespace(NAMESPACE)],
      clusterResourceWhitelist: [],
      namespaceResourceWhitelist: [{ group: "argoproj.io", kind: "Application" }],
    },
  };
}

/** Argo CD makes a project of this name, which may do everything, unless there is one. */
export function renderDefaultProject() {
  return {
    metadata: metadata("default"),
    spec: {
      description: "Nothing: an Application names the project apps",
      sourceRepos: [],
      destinations: [],
      clusterResourceWhitelist: [],
    },
  };
}

/** The Application that makes the others. Without a finalizer: when it goes, what it made stays. */
export function renderRoot(config: Pick<GitopsConfig, "repository" | "revision" | "path">) {
  return {
    metadata: metadata("root"),
    spec: {
      project: PROJECTS.root,
      source: {
        repoURL: config.repository,
        targetRevision: config.revision,
        path: config.path,
        directory: { recurse: true },
      },
      destination: inNamespace(NAMESPACE),
      syncPolicy: { automated: { prune: true, selfHeal: true } },
    },
  };
}
