import type { ChartReleaseSpec } from "../shared/chart-release";
import { renderImage, renderRepository } from "../shared/charts";
import type { Values } from "../shared/json";
import { renderPlacement, renderResources, smallResources } from "../shared/placement";
import { gitopsCharts, gitopsImages } from "../versions";
import type { GitopsConfig } from "./config";

/** The Secret with the age key. */
export const AGE_SECRET = "age-key";
export const AGE_FILE = "keys.txt";

/** Memory of its parts in MiB: what each asks for, and its limit. */
export const MEMORY = {
  controller: [256, 1024],
  repoServer: [128, 512],
  server: [96, 256],
  redis: [32, 128],
  applicationSet: [32, 128],
} as const;

function resourcesOf(part: keyof typeof MEMORY): Values {
  const [asks, most] = MEMORY[part];
  return renderResources(smallResources(asks, most));
}

export function renderRelease(config: GitopsConfig, domain: string | undefined): ChartReleaseSpec {
  return {
    release: "argocd",
    pin: gitopsCharts.argoCd,
    values: renderValues(config, domain),
    daemonSet: false,
  };
}

export function renderValues(config: GitopsConfig, domain: string | undefined): Values {
  const { charts } = config;
  const placement = renderPlacement(config.machine);
  const mirrored = (repository: string) => ({ repository: renderRepository(repository, charts) });
  return {
    crds: { install: true, keep: true },
    // Its right ends at the namespaces that have a role for it: see render-roles.ts.
    createClusterRoles: false,
    global: {
      ...(domain === undefined ? {} : { domain }),
      ...placement,
      ...(charts.imageRegistry === undefined ? {} : { image: mirrored("quay.io/argoproj/argocd") }),
      // The namespace has its own, which deny by default.
      networkPolicy: { create: false },
    },
    configs: renderConfigs(config),
    controller: { resources: resourcesOf("controller"), metrics: { enabled: true } },
    server: { resources: resourcesOf("server") },
    repoServer: { resources: resourcesOf("repoServer"), ...renderSops(config) },
    redis: {
      resources: resourcesOf("redis"),
      ...(charts.imageRegistry === undefined
        ? {}
        : { image: mirrored("ecr-public.aws.com/docker/library/redis") }),
    },
    dex: { enabled: false },
    notifications: { enabled: false },
    // It has nothing to do, as Git may make no ApplicationSet; the chart cannot leave it out.
    applicationSet: { resources: resourcesOf("applicationSet") },
  };
}

function renderConfigs({ interval, knownHosts, ageKeySecret }: GitopsConfig): Values {
  return {
    params: {
      // TLS is the ingress' own.
      "server.insecure": true,
    },
    cm: {
      "exec.enabled": false,
      "timeout.reconciliation": `${interval}s`,
      // It watches what it may see, and does not fail for the rest.
      "resource.respectRBAC": "normal",
      // By labels, another tool's objects would be taken for its own.
      "application.resourceTrackingMethod": "annotation",
      ...(ageKeySecret === undefined
        ? {}
        : { "kustomize.buildOptions": "--enable-alpha-plugins --enable-exec" }),
    },
    ...(knownHosts.length === 0 ? {} : { ssh: { extraHosts: knownHosts.join("\n") } }),
  };
}

/** KSOPS by a pinned image: Kustomize asks it to open a file, and it asks SOPS, which it has in itself. */
function renderSops({ ageKeySecret, charts }: GitopsConfig): Values {
  if (ageKeySecret === undefined) return {};
  return {
    env: [{ name: "SOPS_AGE_KEY_FILE", value: `/etc/age/${AGE_FILE}` }],
    volumes: [
      { name: "tools", emptyDir: {} },
      { name: "age", secret: { secretName: AGE_SECRET } },
    ],
    volumeMounts: [
      { name: "tools", mountPath: "/usr/local/bin/ksops", subPath: "ksops" },
      { name: "age", mountPath: "/etc/age", readOnly: true },
    ],
    initContainers: [
      {
        name: "ksops",
        image: renderImage(gitopsImages.ksops, charts),
        command: ["/usr/local/bin/ksops", "install", "/tools"],
        volumeMounts: [{ name: "tools", mountPath: "/tools" }],
        resources: renderResources(smallResources(32, 256)),
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          runAsUser: 999,
          seccompProfile: { type: "RuntimeDefault" },
        },
      },
    ],
  };
}
