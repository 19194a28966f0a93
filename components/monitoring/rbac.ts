import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { NAMESPACE } from "./names";

const GROUP = "rbac.authorization.k8s.io";

export const READ = ["get", "list", "watch"];
export const WRITE = [...READ, "create", "update", "patch", "delete"];

/** One rule of a Role or a ClusterRole. */
export interface RbacRule {
  apiGroups?: string[];
  resources?: string[];
  nonResourceURLs?: string[];
  verbs: string[];
}

/** What one account may do, in one namespace or, without one, in the whole cluster. */
export interface Grant {
  /** Whose account it is, part of the resources' names. */
  readonly name: string;
  /** The service account, which a chart makes. */
  readonly account: string;
  readonly namespace?: string;
  readonly rules: readonly RbacRule[];
}

/** A role and its binding, both named for the account, in place of the chart's own. */
export function createGrant(
  parent: string,
  { name: owner, account, namespace, rules }: Grant,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const prefix = `${parent}-${owner}-${namespace ?? "cluster"}`;
  const name = `vmstation-${account}`;
  const subjects = [{ kind: "ServiceAccount", name: account, namespace: NAMESPACE }];
  if (namespace === undefined) {
    const args = { metadata: { name }, rules: [...rules] };
    const role = new kubernetes.rbac.v1.ClusterRole(`${prefix}-role`, args, opts);
    const roleRef = { apiGroup: GROUP, kind: "ClusterRole", name: role.metadata.name };
    const binding = { metadata: { name }, roleRef, subjects };
    return [role, new kubernetes.rbac.v1.ClusterRoleBinding(`${prefix}-binding`, binding, opts)];
  }
  const metadata = { name, namespace };
  const role = new kubernetes.rbac.v1.Role(`${prefix}-role`, { metadata, rules: [...rules] }, opts);
  const roleRef = { apiGroup: GROUP, kind: "Role", name: role.metadata.name };
  const binding = { metadata, roleRef, subjects };
  return [role, new kubernetes.rbac.v1.RoleBinding(`${prefix}-binding`, binding, opts)];
}
