import type { Machine } from "../../node/machine";
import type { ClusterArgs } from "../args";
import { clusterAddressOf } from "../../shared/addresses";
import { apiServerNames, joinHost } from "../endpoint/address";
import { needsNftables } from "../render-calico";
import { renderReserved } from "../render-kubelet";
import { renderAddresses, renderNodePortArgs } from "../server-addresses";
import type { K3sConfig } from "./config";

export type K3sArgs = ClusterArgs<K3sConfig>;

/** What machines join with: servers and agents each by their own token. */
export interface Tokens {
  readonly server: string;
  /** It lets nobody become a server. */
  readonly agent: string;
}

export const ETC = "/etc/rancher/k3s";
export const AUDIT_POLICY = `${ETC}/audit-policy.yaml`;
const AUDIT_LOG = "/var/log/kubernetes/audit.log";

/** The release, "v1.35.4+k3s1". */
export function renderRelease(config: K3sConfig): string {
  return `v${config.kubernetesVersion}+${config.release}`;
}

function pairs(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** An option that is left out where there is nothing to say. */
function list(name: string, values: readonly string[]): Record<string, unknown> {
  return values.length === 0 ? {} : { [name]: values };
}

/** What servers and agents have in common. Labels are set on the Node object, by the bootstrap's step for all of them. */
function renderMachine(args: K3sArgs, machine: Machine): Record<string, unknown> {
  const { config } = args;
  return {
    "node-name": machine.name,
    ...renderAddresses(machine),
    ...list("node-taint", machine.taints),
    "kubelet-arg": [
      `max-pods=${config.maxPods}`,
      `system-reserved=${pairs(renderReserved(config.reserves.system))}`,
      `kube-reserved=${pairs(renderReserved(config.reserves.kube))}`,
    ],
    "kube-proxy-arg": [
      `proxy-mode=${needsNftables(args) ? "nftables" : "iptables"}`,
      ...renderNodePortArgs(args),
    ],
  };
}

/** What K3s would deploy by itself, and is not asked for. */
function renderDisabled({ addons }: K3sConfig): string[] {
  return [
    ...(addons.traefik ? [] : ["traefik"]),
    ...(addons.serviceLb ? [] : ["servicelb"]),
    ...(addons.localStorage ? [] : ["local-storage"]),
    ...(addons.metricsServer ? [] : ["metrics-server"]),
  ];
}

function renderApiServerArgs({ audit }: K3sConfig): Record<string, unknown> {
  if (!audit) return {};
  return {
    "kube-apiserver-arg": [
      `audit-policy-file=${AUDIT_POLICY}`,
      `audit-log-path=${AUDIT_LOG}`,
      "audit-log-maxage=30",
      "audit-log-maxsize=100",
    ],
  };
}

/** Options that K3s requires to be the same on all servers, and those of the cluster. */
function renderCluster(args: K3sArgs): Record<string, unknown> {
  const { config, network } = args;
  return {
    "https-listen-port": config.apiServerPort,
    "cluster-cidr": network.podCidr,
    "service-cidr": network.serviceCidr,
    "cluster-dns": network.clusterDns,
    // Calico enforces policies; K3s's own controller would be a second one.
    "flannel-backend": "none",
    "disable-network-policy": true,
    ...list("disable", renderDisabled(config)),
    "secrets-encryption": config.encryption,
    "write-kubeconfig-mode": "0600",
    "etcd-expose-metrics": true,
    "etcd-disable-snapshots": !config.etcdSnapshot.enabled,
    "etcd-snapshot-dir": config.etcdSnapshot.directory,
    "etcd-snapshot-retention": config.etcdSnapshot.keep,
    "kube-controller-manager-arg": ["node-monitor-grace-period=40s", "node-monitor-period=5s"],
    ...renderApiServerArgs(config),
  };
}

/** config.yaml of a server; the first one starts the cluster, the others join it. It holds both tokens. */
export function renderServer(
  args: K3sArgs,
  machine: Machine,
  tokens: Tokens,
): Readonly<Record<string, unknown>> {
  const { controller } = args;
  return {
    ...(machine.name === controller.name ? { "cluster-init": true } : { server: urlOf(args) }),
    token: tokens.server,
    "agent-token": tokens.agent,
    ...renderMachine(args, machine),
    "advertise-address": clusterAddressOf(machine),
    "tls-san": apiServerNames(args, [machine]),
    ...renderCluster(args),
  };
}

/** config.yaml of an agent. It holds the agents' token alone. */
export function renderAgent(
  args: K3sArgs,
  machine: Machine,
  tokens: Pick<Tokens, "agent">,
): Readonly<Record<string, unknown>> {
  return { server: urlOf(args), token: tokens.agent, ...renderMachine(args, machine) };
}

/** Where machines join; afterwards each knows all servers. */
function urlOf(args: K3sArgs): string {
  return `https://${joinHost(args)}`;
}
