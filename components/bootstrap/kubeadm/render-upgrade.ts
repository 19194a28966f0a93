import { joinHost } from "../endpoint/address";
import type { Machine } from "../../node/machine";
import type { KubeadmArgs } from "./render-config";

const NAME = "vmstation-upgrade";
const NAMESPACE = "kube-system";
const RBAC = "rbac.authorization.k8s.io";

/** The account by which a machine drains itself when it is upgraded, and takes its turn; token.sh makes its tokens. */
export function renderUpgradeAccount(): readonly object[] {
  const subjects = [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }];
  const api = `${RBAC}/v1`;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace: NAMESPACE } },
    {
      apiVersion: api,
      kind: "ClusterRole",
      metadata: { name: NAME },
      rules: [
        { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch", "patch"] },
        { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
        { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
        { apiGroups: ["apps"], resources: ["daemonsets"], verbs: ["get"] },
      ],
    },
    {
      apiVersion: api,
      kind: "ClusterRoleBinding",
      metadata: { name: NAME },
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: NAME },
      subjects,
    },
    {
      apiVersion: api,
      kind: "Role",
      metadata: { name: NAME, namespace: NAMESPACE },
      rules: [
        { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
        {
          apiGroups: ["coordination.k8s.io"],
          resources: ["leases"],
          resourceNames: [NAME],
          verbs: ["get", "delete"],
        },
      ],
    },
    {
      apiVersion: api,
      kind: "RoleBinding",
      metadata: { name: NAME, namespace: NAMESPACE },
      roleRef: { apiGroup: RBAC, kind: "Role", name: NAME },
      subjects,
    },
  ];
}

/** The kubeconfig of that account on a machine of the cluster. */
export function renderUpgradeKubeconfig(
  { config }: KubeadmArgs,
  controller: Machine,
  token: string,
): object {
  const server = `https://${joinHost({ config, controller })}`;
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: NAME, cluster: { server, "certificate-authority": "/etc/kubernetes/pki/ca.crt" } },
    ],
    users: [{ name: NAME, user: { token } }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME } }],
    "current-context": NAME,
  };
}
