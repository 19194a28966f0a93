import type { Encapsulation } from "../network/config";
import type { LanConfig } from "../remote/config";
import type { Machine } from "../node/machine";
import { MONITORING_NAMESPACE } from "../shared/metrics";
import type { Json } from "../shared/json";
import type { ValidationConfig } from "./config";
import { VALIDATION_GROUPS } from "./groups";
import { CLUSTER_DOMAIN } from "../shared/cluster";

/** Processors, and bytes. */
export interface VirtualSize {
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
}

/** What the checks expect, from the whole configuration. */
export interface Expectations {
  readonly machines: readonly Machine[];
  readonly lan: Pick<LanConfig, "gateway">;
  /** Address of the cluster's DNS service. */
  readonly clusterDns: string;
  /** How pods' packets go from machine to machine. */
  readonly encapsulation: Encapsulation;
  /** DaemonSets that have a pod on each machine. */
  readonly daemonSets: readonly string[];
  /** Namespaces that the program owns, which deny by default. */
  readonly namespaces: readonly string[];
  /** The API server's virtual address and the control planes that may hold it; absent where the stack has none. */
  readonly endpoint?:
    | { readonly address: string; readonly port: number; readonly machines: readonly string[] }
    | undefined;
  /** What each virtual machine was given; absent where the stack has none. */
  readonly virtual?: Readonly<Record<string, VirtualSize>> | undefined;
  /** What is looked at of each part of the platform; absent where the stack has none. */
  readonly platformChecks?: Readonly<Record<string, Json>> | undefined;
  /** The same of the apps; absent where none of the stack's has something to look at beside its pods. */
  readonly appChecks?: Readonly<Record<string, Json>> | undefined;
  /** Where Argo CD shows more, in words; absent where the stack has none. */
  readonly gitops?: { readonly page: string } | undefined;
  /** Absent where the stack has no monitoring. */
  readonly monitoring?:
    | {
        /** Where it answers, by what it is: {"Grafana": "http://192.168.1.10:30300/api/health"}. */
        readonly endpoints: Readonly<Record<string, string>>;
        /** Prometheus, for its targets: "http://192.168.1.10:30090". */
        readonly prometheus: string;
      }
    | undefined;
}

/** The groups that have something to look at in this stack. */
function groupsOf({
  platformChecks,
  appChecks,
  gitops,
  endpoint,
  virtual,
}: Pick<
  Expectations,
  "platformChecks" | "appChecks" | "gitops" | "endpoint" | "virtual"
>): readonly string[] {
  const without = [
    ...(gitops === undefined ? ["gitops"] : []),
    ...(appChecks === undefined ? ["apps"] : []),
    ...(platformChecks === undefined ? ["platform"] : []),
    ...(endpoint === undefined ? ["endpoint"] : []),
    ...(virtual === undefined ? ["hypervisor"] : []),
  ];
  return VALIDATION_GROUPS.filter((group) => !without.includes(group));
}

/** What /etc/vmstation/validation.json holds; the checks under files/checks read it. */
export function renderSettings(config: ValidationConfig, expected: Expectations): string {
  const { machines, lan, clusterDns, encapsulation, daemonSets, namespaces, monitoring } = expected;
  const present = machines.filter(({ offline }) => !offline);
  const offline = machines.filter((machine) => machine.offline);
  const settings = {
    groups: groupsOf(expected),
    machines: Object.fromEntries(
      present.map(({ name, address, clusterAddress, taints }) => [
        name,
        { address, ...(clusterAddress === undefined ? {} : { clusterAddress }), taints },
      ]),
    ),
    gateway: lan.gateway,
    dnsServer: clusterDns,
    encapsulation,
    daemonSets,
    internalName: `kubernetes.default.svc.${CLUSTER_DOMAIN}`,
    externalName: config.externalName,
    namespaces,
    monitoringNamespace: MONITORING_NAMESPACE,
    endpoints: monitoring?.endpoints ?? {},
    prometheus: monitoring?.prometheus ?? null,
    nodes: config.nodes,
    pods: config.pods,
    diskUsed: config.diskUsed,
    targetsDown: config.targetsDown,
    certificates: config.certificates,
    clockOffset: config.clockOffset,
    ...(offline.length === 0
      ? {}
      : { offline: Object.fromEntries(offline.map(({ name, address }) => [name, address])) }),
    ...(expected.endpoint === undefined ? {} : { endpoint: expected.endpoint }),
    ...(expected.virtual === undefined ? {} : { hypervisor: expected.virtual }),
    ...(expected.platformChecks === undefined ? {} : { platform: expected.platformChecks }),
    ...(expected.appChecks === undefined ? {} : { apps: expected.appChecks }),
    ...(expected.gitops === undefined ? {} : { gitops: expected.gitops }),
  };
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}
