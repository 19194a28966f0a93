import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { NAMESPACE } from "./names";
import { ACCOUNTS, renderGrants, type Grant } from "./render-rbac";

const GROUP = "rbac.authorization.k8s.io";

/** The rights of the accounts that kube-prometheus-stack makes, in place of the chart's own roles. */
export function createRbac(name: string, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  return renderGrants(NAMESPACE).flatMap((grant) => createGrant(name, grant, opts));
}

/** A role and its binding, both named for the account. */
function createGrant(
  parent: string,
  { account, namespace, rules }: Grant,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const prefix = `${parent}-${account}-${namespace ?? "cluster"}`;
  const name = `vmstation-${ACCOUNTS[account]}`;
  const subjects = [{ kind: "ServiceAccount", name: ACCOUNTS[account], namespace: NAMESPACE }];
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
