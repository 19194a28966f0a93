import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { readScript } from "../../remote/step";
import { renderImage, type ChartSources } from "../../shared/charts";
import { renderResources, smallResources } from "../../shared/placement";
import { platformImages } from "../../versions";
import { renderPodSecurity } from "../../shared/pod-security";
import { renderPlatformPlacement } from "../place";
import type { LocalConfig } from "./config";
import { NAMESPACES } from "./names";
import { renderYaml } from "../../shared/yaml";

const NAME = "local-path-provisioner";
const CONFIG = "local-path-config";
const HEALTH_PORT = 8080;
const namespace = NAMESPACES.local;

/** The provisioner's only container. */
export const LOCAL_RESOURCES = smallResources(16, 64);

const HARDENED = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

/** Rancher's local-path-provisioner: it runs a pod on the claim's machine, which makes a folder there. */
export function createLocal(
  prefix: string,
  args: {
    readonly config: LocalConfig;
    readonly charts: ChartSources;
    readonly steady: readonly string[];
  },
  opts: (dependsOn?: readonly pulumi.Resource[]) => pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const metadata = { name: NAME, namespace };
  const account = new k8s.core.v1.ServiceAccount(`${prefix}-account`, { metadata }, opts());
  const config = new k8s.core.v1.ConfigMap(
    `${prefix}-config`,
    { metadata: { name: CONFIG, namespace }, data: renderData(args.config, args.charts) },
    opts(),
  );
  const grants = createGrants(prefix, opts());
  const deployment = new k8s.apps.v1.Deployment(
    `${prefix}-provisioner`,
    { metadata, spec: renderDeployment(args.charts, args.steady) },
    opts([account, config, ...grants]),
  );
  return [deployment];
}

/** What its program reads, and the two scripts that its pods run. */
export function renderData(
  config: LocalConfig,
  charts: Pick<ChartSources, "imageRegistry">,
): Record<string, string> {
  // Machines that are not named have no folder, so that nothing is made there.
  const nodePathMap = [...config.machines].sort().map((node) => ({ node, paths: [config.path] }));
  return {
    "config.json": `${JSON.stringify({ nodePathMap }, undefined, 2)}\n`,
    "helperPod.yaml": renderYaml(renderHelper(charts)),
    setup: readScript(__dirname, "files/setup.sh"),
    teardown: readScript(__dirname, "files/teardown.sh"),
  };
}

function renderHelper(charts: Pick<ChartSources, "imageRegistry">) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "helper-pod" },
    spec: {
      priorityClassName: "system-node-critical",
      automountServiceAccountToken: false,
      tolerations: [{ operator: "Exists" }],
      containers: [
        {
          name: "helper-pod",
          image: renderImage(platformImages.busybox, charts),
          imagePullPolicy: "IfNotPresent",
          resources: renderResources(smallResources(8, 32)),
          securityContext: HARDENED,
        },
      ],
    },
  };
}

const READ = ["get", "list", "watch"];
const WRITE = [...READ, "create", "patch", "update", "delete"];

/** As its own manifest grants it: volumes everywhere, pods in its own namespace. */
const EVERYWHERE = [
  { apiGroups: [""], resources: ["nodes", "persistentvolumeclaims"], verbs: READ },
  { apiGroups: [""], resources: ["persistentvolumes"], verbs: WRITE },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: READ },
];
const AT_HOME = [
  { apiGroups: [""], resources: ["pods"], verbs: WRITE },
  { apiGroups: [""], resources: ["pods/log", "configmaps"], verbs: READ },
];

function createGrants(prefix: string, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const subjects = [{ kind: "ServiceAccount", name: NAME, namespace }];
  const apiGroup = "rbac.authorization.k8s.io";
  const name = `vmstation-${NAME}`;
  const everywhere = new k8s.rbac.v1.ClusterRole(
    `${prefix}-cluster-role`,
    { metadata: { name }, rules: EVERYWHERE },
    opts,
  );
  const atHome = new k8s.rbac.v1.Role(
    `${prefix}-role`,
    { metadata: { name, namespace }, rules: AT_HOME },
    opts,
  );
  const clusterRole = { apiGroup, kind: "ClusterRole", name: everywhere.metadata.name };
  const role = { apiGroup, kind: "Role", name: atHome.metadata.name };
  return [
    new k8s.rbac.v1.ClusterRoleBinding(
      `${prefix}-cluster-binding`,
      { metadata: { name }, roleRef: clusterRole, subjects },
      opts,
    ),
    new k8s.rbac.v1.RoleBinding(
      `${prefix}-binding`,
      { metadata: { name, namespace }, roleRef: role, subjects },
      opts,
    ),
  ];
}

function renderDeployment(charts: ChartSources, steady: readonly string[]) {
  const labels = { "app.kubernetes.io/name": NAME };
  const probe = (path: string) => ({ httpGet: { path, port: "health" }, periodSeconds: 10 });
  return {
    replicas: 1,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: NAME,
        ...renderPlatformPlacement(steady),
        securityContext: renderPodSecurity(65_532),
        containers: [
          {
            name: NAME,
            image: renderImage(platformImages.localPathProvisioner, charts),
            command: ["local-path-provisioner", "start", "--config", "/etc/config/config.json"],
            env: [
              {
                name: "POD_NAMESPACE",
                valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } },
              },
              { name: "CONFIG_MOUNT_PATH", value: "/etc/config/" },
              { name: "HEALTH_PORT", value: String(HEALTH_PORT) },
              { name: "SERVICE_ACCOUNT_NAME", value: NAME },
            ],
            ports: [{ name: "health", containerPort: HEALTH_PORT }],
            livenessProbe: { ...probe("/health"), initialDelaySeconds: 10 },
            readinessProbe: probe("/ready"),
            resources: renderResources(LOCAL_RESOURCES),
            securityContext: { ...HARDENED, readOnlyRootFilesystem: true },
            volumeMounts: [{ name: "config", mountPath: "/etc/config/" }],
          },
        ],
        volumes: [{ name: "config", configMap: { name: CONFIG } }],
      },
    },
  };
}
