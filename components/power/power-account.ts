import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Sleeper } from "./names";
import { NAMESPACE, renderAppRules, renderClusterRules, renderKubeconfig } from "./render-account";
import type { SleepingApp } from "./types";

export interface AccountArgs {
  /** The API server's URL. */
  endpoint: pulumi.Input<string>;
  sleepers: readonly Sleeper[];
  apps: readonly SleepingApp[];
  /**
   * Part of the token's name. Another one is a new token, and the former one ends: who was the controller is let in no
   * more, should it come back.
   */
  token?: string | undefined;
}

const NAME = "vmstation-power";

/** The power controller's account in the cluster, with the few rights that it needs; see render-account.ts. */
export class PowerAccount extends pulumi.ComponentResource {
  /** For the controller; a secret. Undefined where --target leaves the account out and it was never made. */
  readonly kubeconfig: pulumi.Output<string | undefined>;

  constructor(name: string, args: AccountArgs, opts: pulumi.ComponentResourceOptions) {
    super("vmstation:power:PowerAccount", name, {}, opts);
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-user`,
      { metadata: { name: NAME, namespace: NAMESPACE }, automountServiceAccountToken: false },
      { parent: this },
    );
    this.grantCluster(name, args.sleepers, account);
    for (const app of args.apps) this.grantApp(name, app, account);
    const token = this.createToken(name, account, args.token);
    const data: pulumi.Output<Readonly<Record<string, string>> | undefined> = token.data;
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([args.endpoint, data])
        .apply(([url, found]) => (found === undefined ? undefined : renderKubeconfig(url, found))),
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }

  private grantCluster(
    name: string,
    sleepers: readonly Sleeper[],
    account: k8s.core.v1.ServiceAccount,
  ): void {
    const role = new k8s.rbac.v1.ClusterRole(
      `${name}-role`,
      { metadata: { name: NAME }, rules: renderClusterRules(sleepers) },
      { parent: this },
    );
    new k8s.rbac.v1.ClusterRoleBinding(
      `${name}-binding`,
      {
        metadata: { name: NAME },
        roleRef: {
          apiGroup: "rbac.authorization.k8s.io",
          kind: "ClusterRole",
          name: role.metadata.name,
        },
        subjects: [subject(account)],
      },
      { parent: this },
    );
  }

  private grantApp(name: string, app: SleepingApp, account: k8s.core.v1.ServiceAccount): void {
    const metadata = { name: NAME, namespace: app.workload.namespace };
    const role = new k8s.rbac.v1.Role(
      `${name}-${app.app}-role`,
      { metadata, rules: renderAppRules(app) },
      { parent: this },
    );
    new k8s.rbac.v1.RoleBinding(
      `${name}-${app.app}-binding`,
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
        subjects: [subject(account)],
      },
      { parent: this },
    );
  }

  /** Kubernetes fills it in; unlike a requested token it does not expire while nobody runs `up`. */
  private createToken(
    name: string,
    account: k8s.core.v1.ServiceAccount,
    controller: string | undefined,
  ): k8s.core.v1.Secret {
    return new k8s.core.v1.Secret(
      `${name}-token`,
      {
        metadata: {
          name: controller === undefined ? `${NAME}-token` : `${NAME}-token-${controller}`,
          namespace: NAMESPACE,
          annotations: { "kubernetes.io/service-account.name": account.metadata.name },
        },
        type: "kubernetes.io/service-account-token",
      },
      { parent: this, additionalSecretOutputs: ["data"] },
    );
  }
}

function subject(account: k8s.core.v1.ServiceAccount) {
  return { kind: "ServiceAccount", name: account.metadata.name, namespace: NAMESPACE };
}
