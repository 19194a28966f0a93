import type { Machine } from "../../node/machine";
import { byName, type ClusterArgs } from "../args";
import { clusterAddressOf } from "../../shared/addresses";
import { apiServerNames, joinHost } from "../endpoint/address";
import type { KubeadmConfig } from "./config";
import { needsNftables, nodePortNetworks } from "../render-calico";
import { renderReserved } from "../render-kubelet";
import { CLUSTER_DOMAIN } from "../../shared/cluster";

export type KubeadmArgs = ClusterArgs<KubeadmConfig>;

const API = "kubeadm.k8s.io/v1beta4";
const SOCKET = "unix:///run/containerd/containerd.sock";
const AUDIT_POLICY = "/etc/vmstation/kubeadm/audit-policy.yaml";
/** The file with the key of Secrets, which keep-key.sh names too. */
export const ENCRYPTION = "/etc/vmstation/kubeadm/encryption.yaml";

interface ExtraArg {
  readonly name: string;
  readonly value: string;
}

interface Volume {
  readonly name: string;
  readonly hostPath: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
  readonly pathType: string;
}

/** A taint as Kubernetes' API has it, from "key=value:Effect" or "key:Effect". */
export function parseTaint(text: string): { key: string; value?: string; effect: string } {
  const split = text.lastIndexOf(":");
  const [key = "", value] = text.slice(0, split).split("=");
  const effect = text.slice(split + 1);
  return value === undefined || value === "" ? { key, effect } : { key, value, effect };
}

function renderRegistration({ config }: KubeadmArgs, machine: Machine): object {
  const ignored = config.ignorePreflightErrors;
  return {
    name: machine.name,
    criSocket: SOCKET,
    imagePullPolicy: "IfNotPresent",
    kubeletExtraArgs: [{ name: "node-ip", value: clusterAddressOf(machine) }],
    taints: machine.taints.map(parseTaint),
    ...(ignored.length > 0 ? { ignorePreflightErrors: ignored } : {}),
  };
}

function apiServerArgs(config: KubeadmConfig): ExtraArg[] {
  return [
    ...(config.audit
      ? [
          { name: "audit-policy-file", value: AUDIT_POLICY },
          { name: "audit-log-path", value: "/var/log/kubernetes/audit.log" },
          { name: "audit-log-maxage", value: "30" },
          { name: "audit-log-maxsize", value: "100" },
        ]
      : []),
    ...(config.encryption ? [{ name: "encryption-provider-config", value: ENCRYPTION }] : []),
  ];
}

function apiServerVolumes(config: KubeadmConfig): Volume[] {
  const file = (name: string, path: string): Volume => ({
    name,
    hostPath: path,
    mountPath: path,
    readOnly: true,
    pathType: "File",
  });
  const logs = "/var/log/kubernetes";
  return [
    ...(config.audit
      ? [
          file("audit-policy", AUDIT_POLICY),
          {
            name: "audit-log",
            hostPath: logs,
            mountPath: logs,
            readOnly: false,
            pathType: "DirectoryOrCreate",
          },
        ]
      : []),
    ...(config.encryption ? [file("encryption", ENCRYPTION)] : []),
  ];
}

const controlPlanes = ({ machines }: KubeadmArgs): readonly Machine[] =>
  byName(machines.filter(({ roles }) => roles.includes("control-plane")));

function renderCluster(args: KubeadmArgs, controller: Machine): object {
  const { config, network } = args;
  const everywhere: ExtraArg = { name: "bind-address", value: "0.0.0.0" };
  return {
    apiVersion: API,
    kind: "ClusterConfiguration",
    clusterName: args.clusterName,
    kubernetesVersion: `v${config.kubernetesVersion}`,
    controlPlaneEndpoint: joinHost({ config, controller }),
    networking: {
      podSubnet: network.podCidr,
      serviceSubnet: network.serviceCidr,
      dnsDomain: CLUSTER_DOMAIN,
    },
    apiServer: {
      certSANs: apiServerNames({ config, controller }, controlPlanes(args)),
      extraArgs: apiServerArgs(config),
      extraVolumes: apiServerVolumes(config),
    },
    controllerManager: {
      extraArgs: [
        everywhere,
        { name: "node-monitor-grace-period", value: "40s" },
        { name: "node-monitor-period", value: "5s" },
      ],
    },
    scheduler: { extraArgs: [everywhere] },
    etcd: {
      local: { extraArgs: [{ name: "listen-metrics-urls", value: "http://0.0.0.0:2381" }] },
    },
  };
}

function renderNodePorts(args: KubeadmArgs): { nodePortAddresses?: string[] } {
  const networks = nodePortNetworks(args);
  return networks.length === 0 ? {} : { nodePortAddresses: networks };
}

/** The documents of init.yaml: the first control plane, the cluster, its kubelets and kube-proxies. */
export function renderInit(args: KubeadmArgs, controller: Machine): readonly object[] {
  const { config, network } = args;
  return [
    {
      apiVersion: API,
      kind: "InitConfiguration",
      // Join tokens are made when machines join, and expire.
      bootstrapTokens: [],
      localAPIEndpoint: {
        advertiseAddress: clusterAddressOf(controller),
        bindPort: config.apiServerPort,
      },
      nodeRegistration: renderRegistration(args, controller),
    },
    renderCluster(args, controller),
    {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      cgroupDriver: "systemd",
      clusterDNS: [network.clusterDns],
      clusterDomain: CLUSTER_DOMAIN,
      maxPods: config.maxPods,
      systemReserved: renderReserved(config.reserves.system),
      kubeReserved: renderReserved(config.reserves.kube),
      rotateCertificates: true,
      shutdownGracePeriod: "60s",
      shutdownGracePeriodCriticalPods: "20s",
      ...config.kubelet,
    },
    {
      apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
      kind: "KubeProxyConfiguration",
      mode: needsNftables(args) ? "nftables" : "iptables",
      metricsBindAddress: "0.0.0.0:10249",
      ...renderNodePorts(args),
      ...config.kubeProxy,
    },
  ];
}

/** What token.sh prints. */
export interface JoinSecrets {
  readonly token: string;
  /** "sha256:…" of the cluster's CA, against a false API server. */
  readonly caHash: string;
  /** Opens the uploaded certificates; empty where there is one control plane. */
  readonly certificateKey: string;
  /** Token of the account by which a machine drains itself; an earlier version's output has none. */
  readonly upgradeToken?: string | undefined;
  /** Seconds since the epoch; absent in what an earlier version has printed. */
  readonly expires?: number | undefined;
}

/** join.yaml of one machine. It holds the token: a secret. */
export function renderJoin(
  args: KubeadmArgs,
  controller: Machine,
  machine: Machine,
  secrets: JoinSecrets,
): object {
  const { apiServerPort } = args.config;
  return {
    apiVersion: API,
    kind: "JoinConfiguration",
    discovery: {
      bootstrapToken: {
        apiServerEndpoint: joinHost({ config: args.config, controller }),
        token: secrets.token,
        caCertHashes: [secrets.caHash],
      },
    },
    nodeRegistration: renderRegistration(args, machine),
    ...(machine.roles.includes("control-plane")
      ? {
          controlPlane: {
            localAPIEndpoint: {
              advertiseAddress: clusterAddressOf(machine),
              bindPort: apiServerPort,
            },
            certificateKey: secrets.certificateKey,
          },
        }
      : {}),
  };
}
