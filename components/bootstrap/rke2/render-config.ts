import type { Machine } from "../../node/machine";
import type { ClusterArgs } from "../args";
import { clusterAddressOf } from "../../shared/addresses";
import { apiServerNames, joinAddress } from "../endpoint/address";
import type { Rke2Config } from "./config";
import {
  CONTROL_PLANE_TOLERATION,
  addonSelector,
  needsNftables,
  renderCalicoSpec,
} from "../render-calico";
import { renderReserved } from "../render-kubelet";
import { renderAddresses, renderNodePortArgs } from "../server-addresses";

export type Rke2Args = ClusterArgs<Rke2Config>;

export const AUDIT_POLICY = "/etc/rancher/rke2/audit-policy.yaml";
/** RKE2's own port, at which machines register; the API server is at 6443. */
export const REGISTRATION_PORT = 9345;

/** The release, "v1.35.4+rke2r1". */
export function renderRelease(config: Rke2Config): string {
  return `v${config.kubernetesVersion}+${config.release}`;
}

function pairs(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** What servers and agents have in common. */
function renderMachine(args: Rke2Args, machine: Machine, token: string): Record<string, unknown> {
  const { config } = args;
  return {
    token,
    "node-name": machine.name,
    ...renderAddresses(machine),
    "node-taint": machine.taints,
    "kubelet-arg": [
      `max-pods=${config.maxPods}`,
      `system-reserved=${pairs(renderReserved(config.reserves.system))}`,
      `kube-reserved=${pairs(renderReserved(config.reserves.kube))}`,
    ],
    "kube-proxy-arg": [
      `proxy-mode=${needsNftables(args) ? "nftables" : "iptables"}`,
      "metrics-bind-address=0.0.0.0:10249",
      ...renderNodePortArgs(args),
    ],
  };
}

/** config.yaml of a server; the first one starts the cluster, the others register with it. It holds the token. */
export function renderServer(
  args: Rke2Args,
  controller: Machine,
  machine: Machine,
  token: string,
): Readonly<Record<string, unknown>> {
  const { config, network } = args;
  const disabled = [
    "rke2-ingress-nginx",
    ...(config.addons.metricsServer ? [] : ["rke2-metrics-server"]),
  ];
  return {
    ...(machine.name === controller.name
      ? {}
      : { server: registration({ config: args.config, controller }) }),
    ...renderMachine(args, machine, token),
    "advertise-address": clusterAddressOf(machine),
    "tls-san": apiServerNames({ config, controller }, [machine]),
    "cluster-cidr": network.podCidr,
    "service-cidr": network.serviceCidr,
    "cluster-dns": network.clusterDns,
    cni: "calico",
    disable: disabled,
    "write-kubeconfig-mode": "0600",
    "etcd-expose-metrics": true,
    "etcd-disable-snapshots": !config.etcdSnapshot.enabled,
    "etcd-snapshot-dir": config.etcdSnapshot.directory,
    "etcd-snapshot-retention": config.etcdSnapshot.keep,
    "kube-controller-manager-arg": [
      "bind-address=0.0.0.0",
      "node-monitor-grace-period=40s",
      "node-monitor-period=5s",
    ],
    "kube-scheduler-arg": ["bind-address=0.0.0.0"],
    ...(config.audit ? { "audit-policy-file": AUDIT_POLICY } : {}),
  };
}

/** config.yaml of an agent. It holds the token. */
export function renderAgent(
  args: Rke2Args,
  controller: Machine,
  machine: Machine,
  token: string,
): Readonly<Record<string, unknown>> {
  return {
    server: registration({ config: args.config, controller }),
    ...renderMachine(args, machine, token),
  };
}

function registration(args: Pick<Rke2Args, "config" | "controller">): string {
  return `https://${joinAddress(args)}:${REGISTRATION_PORT}`;
}

function chartConfig(name: string, values: object): object {
  return {
    apiVersion: "helm.cattle.io/v1",
    kind: "HelmChartConfig",
    metadata: { name, namespace: "kube-system" },
    // The chart's values are a text within the object; JSON is YAML.
    spec: { valuesContent: `${JSON.stringify(values, null, 2)}\n` },
  };
}

/** What RKE2's own charts are told: Calico's network, and where floating add-ons run. */
export function renderChartConfigs(args: Rke2Args): readonly object[] {
  const nodeSelector = addonSelector(args);
  return [
    chartConfig("rke2-calico", {
      installation: renderCalicoSpec(args),
      apiServer: { enabled: true },
    }),
    chartConfig("rke2-coredns", {
      nodeSelector,
      replicaCount: 1,
      autoscaler: { min: 1, nodeSelector, tolerations: [CONTROL_PLANE_TOLERATION] },
    }),
    ...(args.config.addons.metricsServer
      ? [
          chartConfig("rke2-metrics-server", {
            nodeSelector,
            tolerations: [CONTROL_PLANE_TOLERATION],
          }),
        ]
      : []),
  ];
}
