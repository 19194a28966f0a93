import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { renderImage, type ChartSources } from "../../shared/charts";
import { renderResources } from "../../shared/placement";
import { platformImages } from "../../versions";
import { definePart, type PartFrame, type PlatformSite } from "../part";
import { renderPodSecurity, RESTRICTED_CONTAINER } from "../../shared/pod-security";
import { renderPlatformPlacement, steadyMachines } from "../place";
import { tailnetSchema, type TailnetConfig } from "./config";
import { tailnetFacts } from "./facts";
import { AUTH, HEALTH_PORT, NAME, NAMESPACE, PATH, PODS, STATE } from "./names";
import { renderAuthKey, renderPolicy } from "./render-policy";
import { routesOf, tailnetProblems } from "./routes";

/** A way home from anywhere: one device of a tailnet, which leads to the home's names and to nothing else. */
export const tailnet = definePart({
  schema: tailnetSchema,
  plan: (config, site) => {
    const routes = routesOf(config, site);
    const names = site.offers.names;
    return {
      facts: tailnetFacts(config, site, routes),
      problems: tailnetProblems(config, site),
      checks: { namespace: NAMESPACE },
      outputs: {
        tailnetPolicy: renderPolicy(config, routes),
        ...(names?.server === undefined
          ? {}
          : { tailnetDns: `nameserver ${names.server}, restricted to domain ${names.domain}` }),
      },
      create: (frame) => create(config, site, frame, routes),
    };
  },
});

/** Nothing while the key is not set: without it the program only waits. */
function create(
  config: TailnetConfig,
  site: PlatformSite,
  { prefix, opts, charts, secrets }: PartFrame,
  routes: readonly string[],
): readonly pulumi.Resource[] {
  const secret = secrets(config.authSecret);
  if (secret === undefined) return [];
  const device = new k8s.apps.v1.Deployment(
    `${prefix}-device`,
    {
      metadata: { name: NAME, namespace: NAMESPACE },
      spec: renderDeployment(config, site, charts, routes),
    },
    opts([
      createAuth(prefix, config, secret, opts()),
      createState(prefix, opts()),
      ...createAccount(prefix, opts()),
    ]),
  );
  return [device];
}

function createAuth(
  prefix: string,
  { authSecret }: TailnetConfig,
  secret: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret {
  const where = `vmstation:${authSecret} (${PATH}.authSecret)`;
  const key = pulumi.secret(secret).apply((text) => renderAuthKey(text, where));
  const metadata = { name: AUTH, namespace: NAMESPACE };
  return new k8s.core.v1.Secret(
    `${prefix}-${AUTH}`,
    { metadata, stringData: { TS_AUTHKEY: key } },
    opts,
  );
}

/** The device's identity, which its program writes: with another one it would be another device. */
function createState(prefix: string, opts: pulumi.CustomResourceOptions): k8s.core.v1.Secret {
  return new k8s.core.v1.Secret(
    `${prefix}-${STATE}`,
    { metadata: { name: STATE, namespace: NAMESPACE } },
    { ...opts, ignoreChanges: ["data", "stringData"] },
  );
}

/** It may read and write its identity, and no other Secret. */
function createAccount(prefix: string, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const metadata = { name: NAME, namespace: NAMESPACE };
  const verbs = ["get", "update", "patch"];
  const rules = [{ apiGroups: [""], resources: ["secrets"], resourceNames: [STATE], verbs }];
  const role = new k8s.rbac.v1.Role(`${prefix}-role`, { metadata, rules }, opts);
  const roleRef = {
    apiGroup: "rbac.authorization.k8s.io",
    kind: "Role",
    name: role.metadata.name,
  };
  const subjects = [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }];
  return [
    new k8s.core.v1.ServiceAccount(`${prefix}-account`, { metadata }, opts),
    new k8s.rbac.v1.RoleBinding(`${prefix}-binding`, { metadata, roleRef, subjects }, opts),
  ];
}

function renderDeployment(
  config: TailnetConfig,
  { machines }: PlatformSite,
  charts: ChartSources,
  routes: readonly string[],
) {
  return {
    replicas: 1,
    // Two pods would be one device twice.
    strategy: { type: "Recreate" },
    selector: { matchLabels: PODS },
    template: {
      metadata: { labels: PODS },
      spec: {
        serviceAccountName: NAME,
        ...renderPlatformPlacement(steadyMachines(machines)),
        enableServiceLinks: false,
        securityContext: renderPodSecurity(1000),
        containers: [renderContainer(config, charts, routes)],
        volumes: [{ name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } }],
      },
    },
  };
}

/** Without a tunnel device of the kernel: it needs no rights on the machine. */
function renderContainer(
  { hostname, tags, loginServer, resources }: TailnetConfig,
  charts: ChartSources,
  routes: readonly string[],
) {
  // Headscale takes the tags of the key, and refuses a device that asks for some.
  const words =
    loginServer === undefined
      ? [`--advertise-tags=${tags.join(",")}`]
      : [`--login-server=${loginServer}`];
  const variables: Readonly<Record<string, string>> = {
    TS_USERSPACE: "true",
    TS_KUBE_SECRET: STATE,
    TS_AUTH_ONCE: "true",
    TS_HOSTNAME: hostname,
    TS_ROUTES: routes.join(","),
    TS_ACCEPT_DNS: "false",
    TS_EXTRA_ARGS: words.join(" "),
    TS_ENABLE_HEALTH_CHECK: "true",
    TS_LOCAL_ADDR_PORT: `0.0.0.0:${HEALTH_PORT}`,
  };
  // It answers once the device has an address of the tailnet.
  const probe = { httpGet: { path: "/healthz", port: HEALTH_PORT }, periodSeconds: 10 };
  return {
    name: NAME,
    image: renderImage(platformImages.tailscale, charts),
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    envFrom: [{ secretRef: { name: AUTH } }],
    readinessProbe: probe,
    resources: renderResources(resources),
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  };
}
