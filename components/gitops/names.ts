export const NAMESPACE = "argocd";

/** The chart's name for its objects, and its components' labels. */
export const podsOf = (component: string): Readonly<Record<string, string>> => ({
  "app.kubernetes.io/instance": "argocd",
  "app.kubernetes.io/name": `argocd-${component}`,
});

export const SERVER = "argocd-server";
export const CONTROLLER = "argocd-application-controller";

/** Ports of its pods. */
export const PORTS = { server: 8080, controllerMetrics: 8082 } as const;

/** The project of what the repository's Applications make, and of the Application that makes these. */
export const PROJECTS = { apps: "apps", root: "root" } as const;

export const API_SERVER = "https://kubernetes.default.svc";
