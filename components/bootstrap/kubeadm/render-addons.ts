import { bootstrapImages, imageOf } from "../../versions";
import { METRICS_SERVER_LIMIT } from "../memory";
import { CONTROL_PLANE_TOLERATION, addonSelector } from "../render-calico";
import type { KubeadmArgs } from "./render-config";

/** One CoreDNS replica, on a machine that is always on. */
export function renderCoreDnsPatch(args: KubeadmArgs): object {
  return { spec: { replicas: 1, template: { spec: { nodeSelector: addonSelector(args) } } } };
}

const NAME = "metrics-server";
const NAMESPACE = "kube-system";
const labels = { "k8s-app": NAME };
const metadata = { name: NAME, namespace: NAMESPACE, labels };
const RBAC = "rbac.authorization.k8s.io";

function binding(kind: string, name: string, roleKind: string, role: string): object {
  return {
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name, labels, ...(kind === "RoleBinding" ? { namespace: NAMESPACE } : {}) },
    roleRef: { apiGroup: RBAC, kind: roleKind, name: role },
    subjects: [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }],
  };
}

function renderAccess(): object[] {
  const rule = (apiGroups: string[], resources: string[], verbs: string[]): object => ({
    apiGroups,
    resources,
    verbs,
  });
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRole",
      metadata: { name: `system:${NAME}`, labels },
      rules: [
        rule([""], ["nodes/metrics"], ["get"]),
        rule([""], ["pods", "nodes"], ["get", "list", "watch"]),
      ],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRole",
      metadata: {
        name: `system:${NAME}-reader`,
        // What kubectl top needs becomes part of the view, edit and admin roles.
        labels: {
          ...labels,
          "rbac.authorization.k8s.io/aggregate-to-view": "true",
          "rbac.authorization.k8s.io/aggregate-to-edit": "true",
          "rbac.authorization.k8s.io/aggregate-to-admin": "true",
        },
      },
      rules: [rule(["metrics.k8s.io"], ["pods", "nodes"], ["get", "list", "watch"])],
    },
    binding("ClusterRoleBinding", `system:${NAME}`, "ClusterRole", `system:${NAME}`),
    binding("ClusterRoleBinding", `${NAME}:auth-delegator`, "ClusterRole", "system:auth-delegator"),
    binding(
      "RoleBinding",
      `${NAME}-auth-reader`,
      "Role",
      "extension-apiserver-authentication-reader",
    ),
  ];
}

function renderContainer({ config }: KubeadmArgs): object {
  const probe = (path: string): object => ({
    httpGet: { path, port: "https", scheme: "HTTPS" },
    periodSeconds: 10,
  });
  return {
    name: NAME,
    image: imageOf(bootstrapImages.metricsServer, config.sources.imageDigests.metricsServer),
    args: [
      "--cert-dir=/tmp",
      "--secure-port=10443",
      "--kubelet-preferred-address-types=InternalIP",
      "--kubelet-use-node-status-port",
      // kubelets sign their own serving certificates unless somebody approves each.
      "--kubelet-insecure-tls",
      "--metric-resolution=15s",
    ],
    ports: [{ name: "https", containerPort: 10_443 }],
    livenessProbe: probe("/livez"),
    readinessProbe: probe("/readyz"),
    resources: {
      requests: { cpu: "100m", memory: "200Mi" },
      limits: { memory: `${METRICS_SERVER_LIMIT}Mi` },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  };
}

/** metrics-server, on a machine that is always on. */
export function renderMetricsServer(args: KubeadmArgs): readonly object[] {
  return [
    ...renderAccess(),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ name: "https", port: 443, targetPort: "https" }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: NAME,
            priorityClassName: "system-cluster-critical",
            nodeSelector: addonSelector(args),
            tolerations: [CONTROL_PLANE_TOLERATION],
            containers: [renderContainer(args)],
            volumes: [{ name: "tmp", emptyDir: {} }],
          },
        },
      },
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1beta1.metrics.k8s.io", labels },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: NAME, namespace: NAMESPACE },
      },
    },
  ];
}
