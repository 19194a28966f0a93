import type { KubernetesObject } from "../../rig/engine/objects";

const RBAC = "rbac.authorization.k8s.io";

/** What somebody may do: kinds of one group, and verbs, each as words. */
export type Right = readonly [group: string, kinds: string, verbs: string];

/** Accounts of one namespace that may do the same: in the whole cluster, and in their own namespace. */
export function renderAccounts(
  namespace: string,
  names: readonly string[],
  everywhere: readonly Right[],
  inside: readonly Right[] = [],
): KubernetesObject[] {
  const subjects = names.map((name) => ({ kind: "ServiceAccount", name, namespace }));
  const bound = (kind: "Role" | "ClusterRole", rights: readonly Right[]): KubernetesObject[] => [
    { ...of(RBAC, kind, namespace), rules: rights.map(renderRule) },
    {
      ...of(RBAC, `${kind}Binding`, namespace),
      roleRef: { apiGroup: RBAC, kind, name: namespace },
      subjects,
    },
  ];
  return [
    ...names.map((name) => ({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name },
    })),
    ...bound("ClusterRole", everywhere),
    ...(inside.length === 0 ? [] : bound("Role", inside)),
  ];
}

function of(group: string, kind: string, name: string): KubernetesObject {
  return { apiVersion: `${group}/v1`, kind, metadata: { name } };
}

function renderRule([group, kinds, verbs]: Right): object {
  return { apiGroups: [group], resources: kinds.split(" "), verbs: verbs.split(" ") };
}
