import { type AlertGroup, MINUTE } from "../shared/alerts";
import type { LayerFacts, NamespaceNeed, SecretUse } from "../shared/facts";
import type { HostUse } from "../shared/hosts";
import { MONITORING_NAMESPACE } from "../shared/metrics";
import { apiEgress, egress, ingress, tcp } from "../shared/policies";
import type { GitopsConfig } from "./config";
import { NAMESPACE, podsOf, PORTS, SERVER } from "./names";
import { MEMORY } from "./render-values";

/** What of the stack its facts depend on. */
export interface GitopsSite {
  readonly machines: readonly { readonly address: string; readonly roles: readonly string[] }[];
  readonly apiServerPort: number;
  readonly network: { readonly podCidr: string };
}

const MEBI = 2 ** 20;

/** Networks of homes and firms (RFC 1918). */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

export function gitopsFacts(config: GitopsConfig, site: GitopsSite): LayerFacts {
  const { machine } = config;
  const limit = Object.values(MEMORY).reduce((sum, [, most]) => sum + most, 0);
  return {
    placements: [{ path: "gitops.machine", machine }],
    memory: [{ path: "gitops.machine", machine, user: "Argo CD", bytes: limit * MEBI }],
    namespaces: [
      { name: NAMESPACE, podSecurity: "restricted", policies: policies(config, site) },
      ...config.namespaces.map((name): NamespaceNeed => ({
        name,
        podSecurity: config.podSecurity,
        policies: [],
      })),
    ],
    secrets: secrets(config),
    hosts: hosts(config),
    alerts: [ALERTS],
    scrapes: [
      {
        name: "argocd",
        namespace: NAMESPACE,
        pods: podsOf("application-controller"),
        port: PORTS.controllerMetrics,
      },
    ],
  };
}

function policies({ gitServer }: GitopsConfig, site: GitopsSite): NamespaceNeed["policies"] {
  const fetches = podsOf("repo-server");
  return [
    apiEgress("argocd", {}, site),
    ingress("argocd-among-itself", {}, [{ pods: {} }], []),
    egress("argocd-to-itself", {}, [{ pods: {} }], []),
    // Repositories and charts.
    egress("argocd-to-git", fetches, [{ cidr: "0.0.0.0/0", except: PRIVATE }], tcp(22, 443)),
    ...(gitServer === undefined
      ? []
      : [egress("argocd-to-git-at-home", fetches, [{ cidr: gitServer }], [])]),
    ingress(
      "argocd-from-ingress",
      podsOf("server"),
      [{ cidr: site.network.podCidr }],
      tcp(PORTS.server),
    ),
    ingress(
      "argocd-from-monitoring",
      podsOf("application-controller"),
      [{ namespace: MONITORING_NAMESPACE }],
      tcp(PORTS.controllerMetrics),
    ),
  ];
}

function secrets({ deployKeySecret, ageKeySecret }: GitopsConfig): SecretUse[] {
  const uses: [string, string | undefined, string][] = [
    ["deployKeySecret", deployKeySecret, "Argo CD reads no repository"],
    ["ageKeySecret", ageKeySecret, "Argo CD opens no file of SOPS"],
  ];
  return uses.flatMap(([key, name, leftOut]) =>
    name === undefined ? [] : [{ path: `gitops.${key}`, name, leftOut }],
  );
}

/** At home alone: its page changes all that it may fill. */
function hosts({ host }: GitopsConfig): HostUse[] {
  if (host === undefined) return [];
  return [
    {
      ...{ path: "gitops.host", written: host, access: "internal" },
      ...{ namespace: NAMESPACE, service: SERVER, port: 80 },
    },
  ];
}

const ALERTS: AlertGroup = {
  name: "gitops",
  rules: [
    {
      alert: "GitopsOutOfSync",
      expr: 'argocd_app_info{sync_status!="Synced"} == 1',
      forSeconds: 60 * MINUTE,
      severity: "warning",
      summary: "{{ $labels.name }} is not what the repository says",
      description:
        "Argo CD's page says why it could not be applied. What differs: vmstation validate gitops",
    },
  ],
};
