import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { createRelease } from "../shared/chart-release";
import { fullName, type HostUse } from "../shared/hosts";
import { createRoute, type IngressOffer } from "../shared/routes";
import { type GitopsConfig, isBySsh } from "./config";
import { NAMESPACE } from "./names";
import {
  renderAppsProject,
  renderDefaultProject,
  renderRoot,
  renderRootProject,
} from "./render-projects";
import { renderClusterSecret, renderGrants } from "./render-roles";
import { AGE_FILE, AGE_SECRET, renderRelease } from "./render-values";
import { parseAgeKey, parseDeployKey } from "./secrets";

export interface GitopsArgs {
  config: GitopsConfig;
  /** Its page's name behind the ingress; undefined without. */
  host: HostUse | undefined;
  ingress?: IngressOffer | undefined;
  /** The value of a secret key; undefined where it is not set. */
  secrets: (name: string | undefined) => pulumi.Output<string> | undefined;
}

const SECRET_TYPE = "argocd.argoproj.io/secret-type";

/** Argo CD, what it may do, and the Application that makes the others from the repository. */
export class Gitops extends pulumi.ComponentResource {
  /** Where its page is; undefined without a name. */
  readonly url: string | undefined;

  constructor(
    private readonly name: string,
    args: GitopsArgs,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super("vmstation:gitops:Gitops", name, {}, opts);
    const { config, host, ingress } = args;
    const named = host && ingress && fullName(host, ingress);
    const keys = this.createAgeKey(args);
    const release = createRelease(name, renderRelease(config, named), NAMESPACE, config.charts, {
      parent: this,
      dependsOn: keys,
    });
    const may = [...this.createGrants(config), ...this.createProjects(config, release)];
    this.createRoot(args, [release, ...may]);
    if (host && ingress) createRoute(name, host, ingress, { parent: this, dependsOn: release });
    this.url = named === undefined ? undefined : `https://${named}`;
    this.registerOutputs({ url: this.url });
  }

  private createAgeKey({ config, secrets }: GitopsArgs): pulumi.Resource[] {
    const { ageKeySecret } = config;
    const key = secrets(ageKeySecret);
    if (key === undefined) return [];
    const where = `vmstation:${ageKeySecret} (gitops.ageKeySecret)`;
    return [
      this.createSecret(AGE_SECRET, undefined, {
        [AGE_FILE]: key.apply((text) => parseAgeKey(text, where)),
      }),
    ];
  }

  /** What the cluster lets it do, whatever its projects say. */
  private createGrants(config: GitopsConfig): pulumi.Resource[] {
    const roles = renderGrants(config).flatMap(({ name, namespace, account, rules }) => {
      const metadata = { name: account, namespace };
      const opts = { parent: this };
      const role = new k8s.rbac.v1.Role(`${this.name}-${name}-role`, { metadata, rules }, opts);
      const roleRef = {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "Role",
        name: role.metadata.name,
      };
      const subjects = [{ kind: "ServiceAccount", name: account, namespace: NAMESPACE }];
      const binding = { metadata, roleRef, subjects };
      return [role, new k8s.rbac.v1.RoleBinding(`${this.name}-${name}-binding`, binding, opts)];
    });
    return [...roles, this.createSecret("in-cluster", "cluster", renderClusterSecret(config))];
  }

  private createProjects(config: GitopsConfig, release: pulumi.Resource): pulumi.Resource[] {
    const projects = [renderAppsProject(config), renderRootProject(config), renderDefaultProject()];
    return projects.map(
      (project) =>
        new k8s.apiextensions.CustomResource(
          `${this.name}-project-${project.metadata.name}`,
          { apiVersion: "argoproj.io/v1alpha1", kind: "AppProject", ...project },
          { parent: this, dependsOn: release },
        ),
    );
  }

  /** None before there is a key that reads the repository. */
  private createRoot({ config, secrets }: GitopsArgs, dependsOn: pulumi.Resource[]): void {
    const { repository, deployKeySecret } = config;
    const key = secrets(deployKeySecret);
    if (isBySsh(repository) && key === undefined) return;
    const where = `vmstation:${deployKeySecret} (gitops.deployKeySecret)`;
    const secret = this.createSecret("repository", "repository", {
      ...{ type: "git", url: repository },
      ...(key && { sshPrivateKey: key.apply((text) => parseDeployKey(text, where)) }),
    });
    new k8s.apiextensions.CustomResource(
      `${this.name}-root`,
      { apiVersion: "argoproj.io/v1alpha1", kind: "Application", ...renderRoot(config) },
      { parent: this, dependsOn: [...dependsOn, secret] },
    );
  }

  private createSecret(
    name: string,
    type: string | undefined,
    stringData: Record<string, pulumi.Input<string>>,
  ): k8s.core.v1.Secret {
    const labels: Record<string, string> = type === undefined ? {} : { [SECRET_TYPE]: type };
    return new k8s.core.v1.Secret(
      `${this.name}-${name}`,
      { metadata: { name, namespace: NAMESPACE, labels }, stringData },
      { parent: this },
    );
  }
}
