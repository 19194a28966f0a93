import type { Sleeper } from "./names";
import type { SleepingApp } from "./types";

/** The controller's account lives where no workload of the program does. */
export const NAMESPACE = "kube-system";

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

/** Read what the decisions rest on; cordon and label the sleepers; evict where the configuration lets it. */
export function renderClusterRules(sleepers: readonly Sleeper[]): Rule[] {
  const names = sleepers.map((sleeper) => sleeper.name);
  const read = ["get", "list", "watch"];
  return [
    {
      apiGroups: [""],
      resources: ["nodes", "pods", "persistentvolumeclaims", "persistentvolumes"],
      verbs: read,
    },
    {
      apiGroups: ["storage.k8s.io"],
      resources: ["storageclasses", "csidrivers", "csinodes"],
      verbs: read,
    },
    { apiGroups: [""], resources: ["nodes"], resourceNames: names, verbs: ["patch"] },
    {
      apiGroups: ["coordination.k8s.io"],
      resources: ["leases"],
      resourceNames: names,
      verbs: ["get"],
    },
    ...(sleepers.some((sleeper) => sleeper.power.evict)
      ? [{ apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] }]
      : []),
  ];
}

/** In an app's own namespace: where its Service is, and how many replicas it has. */
export function renderAppRules({ workload, service }: SleepingApp): Rule[] {
  const resource = workload.kind === "Deployment" ? "deployments" : "statefulsets";
  const named = { apiGroups: ["apps"], resourceNames: [workload.name] };
  return [
    { apiGroups: [""], resources: ["services"], resourceNames: [service], verbs: ["get"] },
    { ...named, resources: [resource], verbs: ["get"] },
    { ...named, resources: [`${resource}/scale`], verbs: ["get", "patch", "update"] },
  ];
}

/** A kubeconfig for the account; kubectl reads JSON as well as YAML. `data`: of its token Secret, in base64. */
export function renderKubeconfig(endpoint: string, data: Readonly<Record<string, string>>): string {
  const authority = data["ca.crt"];
  const token = data.token;
  if (authority === undefined || token === undefined) {
    throw new Error("the token Secret of the power controller's account is not filled in");
  }
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "vmstation", cluster: { server: endpoint, "certificate-authority-data": authority } },
    ],
    users: [{ name: "power", user: { token: Buffer.from(token, "base64").toString("utf8") } }],
    contexts: [{ name: "power", context: { cluster: "vmstation", user: "power" } }],
    "current-context": "power",
  };
  return `${JSON.stringify(kubeconfig, null, 2)}\n`;
}
