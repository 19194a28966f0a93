/** Nobody pulls it: kwok reports its pods as they are. */
export const image = "registry.invalid/it";
const template = (app: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: "main", image }] },
});
const workload = (
  kind: string,
  name: string,
  labels: object,
  spec: object = {},
  pod: object = {},
) => ({
  ...{ apiVersion: "apps/v1", kind, metadata: { name, namespace: "kube-system", labels } },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [{ name: "main", image }],
        tolerations: [{ operator: "Exists" }],
        ...pod,
      },
    },
    ...spec,
  },
});

/** What a cluster of the program's own has, as far as the checks and remedies look at it. */
export const OBJECTS = [
  workload("DaemonSet", "calico-node", { "k8s-app": "calico-node" }),
  workload("DaemonSet", "kube-proxy", { "k8s-app": "kube-proxy" }),
  // Not on one of the machines that a test puts to sleep.
  workload(
    "Deployment",
    "coredns",
    { "k8s-app": "kube-dns" },
    { replicas: 1 },
    {
      nodeName: "maple",
    },
  ),
  {
    ...{
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "default" },
    },
    spec: { selector: { matchLabels: { app: "web" } }, template: template("web") },
  },
];

/** A namespace that lets nothing in unless it is told to. */
export const DENY = {
  ...{ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
  metadata: { name: "deny", namespace: "default" },
  spec: { podSelector: {}, policyTypes: ["Ingress"] },
};
