import { waitFor } from "../wait";
import { z } from "zod";
import {
  NAMESPACE,
  renderAppRules,
  renderClusterRules,
  renderKubeconfig,
} from "../../../components/power/render-account";
import { renderPlacement } from "../../../components/apps/frame/placement";
import type { SleepingApp } from "../../../components/power/types";
import { SLEEPS_WITH } from "../../../components/shared/labels";
import type { Sleeper } from "../../../components/power/names";
import type { KubeObject } from "../../cluster/kube-object";
import type { TestCluster } from "../../cluster/test-cluster";

const NAME = "vmstation-power";
const RBAC = "rbac.authorization.k8s.io";
const tokenSecret = z.object({
  data: z.object({ token: z.string(), "ca.crt": z.string() }),
});

/** The controller's account with the very rules that the layer gives it, and the kubeconfig that it logs in with. */
export async function createAccount(
  cluster: TestCluster,
  sleepers: readonly Sleeper[],
  app: SleepingApp,
): Promise<string> {
  const { namespace } = app.workload;
  const subjects = [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }];
  const objects: KubeObject[] = [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace: NAMESPACE } },
    {
      ...{ apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name: NAME } },
      rules: renderClusterRules(sleepers),
    },
    {
      ...{ apiVersion: `${RBAC}/v1`, kind: "ClusterRoleBinding", metadata: { name: NAME } },
      ...{ roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: NAME }, subjects },
    },
    {
      ...{ apiVersion: `${RBAC}/v1`, kind: "Role", metadata: { name: NAME, namespace } },
      rules: renderAppRules(app),
    },
    {
      ...{ apiVersion: `${RBAC}/v1`, kind: "RoleBinding", metadata: { name: NAME, namespace } },
      ...{ roleRef: { apiGroup: RBAC, kind: "Role", name: NAME }, subjects },
    },
    {
      ...{ apiVersion: "v1", kind: "Secret", type: "kubernetes.io/service-account-token" },
      metadata: {
        ...{ name: `${NAME}-token`, namespace: NAMESPACE },
        annotations: { "kubernetes.io/service-account.name": NAME },
      },
    },
  ];
  for (const object of objects) await cluster.api.apply(object);
  const path = `/api/v1/namespaces/${NAMESPACE}/secrets/${NAME}-token`;
  const { data } = await waitFor("the account's token", async () => {
    return tokenSecret.safeParse(await cluster.api.get(path)).data;
  });
  return renderKubeconfig(cluster.url, data);
}

/** A workload that sleeps with a machine, and is bound to it. */
export function renderWorkload(name: string, namespace: string, machine: string): KubeObject {
  const labels = { app: name, [SLEEPS_WITH]: machine };
  return {
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace } },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { "kubernetes.io/hostname": machine },
          tolerations: renderPlacement(machine, true).tolerations,
          containers: [{ name, image: "example.invalid/app:1" }],
        },
      },
    },
  };
}

/** One pod of every machine, which keeps none of them awake. */
export function renderAgent(): KubeObject {
  return {
    ...{
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "agent", namespace: "default" },
    },
    spec: {
      selector: { matchLabels: { app: "agent" } },
      template: {
        metadata: { labels: { app: "agent" } },
        spec: { containers: [{ name: "agent", image: "example.invalid/agent:1" }] },
      },
    },
  };
}

/** A pod that only this machine can take. */
export function renderPod(name: string, machine: string): KubeObject {
  return {
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default" } },
    spec: {
      nodeSelector: { "kubernetes.io/hostname": machine },
      containers: [{ name, image: "example.invalid/job:1", resources: { requests: { cpu: "1" } } }],
    },
  };
}
