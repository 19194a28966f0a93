import { RELEASES } from "./names";

/** Accounts that the chart makes; what they may do is decided here. */
export const ACCOUNTS = {
  operator: `${RELEASES.stack}-operator`,
  prometheus: `${RELEASES.stack}-prometheus`,
} as const;

export type Account = keyof typeof ACCOUNTS;

/** Where the operator keeps the list of kubelets to scrape. */
export const KUBELET_NAMESPACE = "kube-system";

/** One rule of a Role or a ClusterRole. */
export interface RbacRule {
  apiGroups?: string[];
  resources?: string[];
  nonResourceURLs?: string[];
  verbs: string[];
}

const READ = ["get", "list", "watch"];
const OWN = [...READ, "create", "update", "patch", "delete"];
const OPERATOR_GROUP = "monitoring.coreos.com";

/**
 * Of all namespaces the operator reads what is to be scraped and which rules there are, Secrets never. The
 * chart's own role could read and write every Secret and StatefulSet of the cluster.
 */
const OPERATOR_EVERYWHERE: readonly RbacRule[] = [
  {
    apiGroups: [OPERATOR_GROUP],
    resources: ["servicemonitors", "podmonitors", "probes", "scrapeconfigs", "prometheusrules"],
    verbs: READ,
  },
  { apiGroups: [""], resources: ["namespaces"], verbs: READ },
  { apiGroups: [""], resources: ["nodes"], verbs: ["list", "watch"] },
  { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get"] },
  // On an object that it cannot use, in whose namespace the event has to be.
  { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
];

/** In its own namespace it makes Prometheus and Alertmanager, and their configurations as Secrets. */
const OPERATOR_AT_HOME: readonly RbacRule[] = [
  {
    apiGroups: [OPERATOR_GROUP],
    resources: ["prometheuses", "alertmanagers", "alertmanagerconfigs"],
    verbs: READ,
  },
  {
    apiGroups: [OPERATOR_GROUP],
    resources: ["prometheuses", "alertmanagers"].flatMap((kind) => [
      `${kind}/status`,
      `${kind}/finalizers`,
    ]),
    verbs: ["update", "patch"],
  },
  { apiGroups: ["apps"], resources: ["statefulsets"], verbs: OWN },
  { apiGroups: [""], resources: ["secrets", "configmaps"], verbs: OWN },
  { apiGroups: [""], resources: ["pods"], verbs: ["list", "delete"] },
  {
    apiGroups: [""],
    resources: ["services", "services/finalizers"],
    verbs: ["get", "create", "update"],
  },
];

/** There it keeps a Service without pods, whose endpoint slices are the kubelets. */
const OPERATOR_KUBELETS: readonly RbacRule[] = [
  {
    apiGroups: [""],
    resources: ["services"],
    verbs: ["get", "create", "update"],
  },
  {
    apiGroups: ["discovery.k8s.io"],
    resources: ["endpointslices"],
    verbs: [...READ, "create", "update", "delete"],
  },
];

/** Prometheus finds what it scrapes in all namespaces, and reads the machines' and the API's own metrics. */
const PROMETHEUS_EVERYWHERE: readonly RbacRule[] = [
  { apiGroups: [""], resources: ["nodes", "services", "pods"], verbs: READ },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: READ },
  { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
  { nonResourceURLs: ["/metrics"], verbs: ["get"] },
];

/** What one account may do, in one namespace or, without one, in the whole cluster. */
export interface Grant {
  readonly account: Account;
  readonly namespace?: string;
  readonly rules: readonly RbacRule[];
}

export function renderGrants(namespace: string): readonly Grant[] {
  return [
    { account: "operator", rules: OPERATOR_EVERYWHERE },
    { account: "operator", namespace, rules: OPERATOR_AT_HOME },
    { account: "operator", namespace: KUBELET_NAMESPACE, rules: OPERATOR_KUBELETS },
    { account: "prometheus", rules: PROMETHEUS_EVERYWHERE },
  ];
}
