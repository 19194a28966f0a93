import path from "node:path";
import type { Credentials } from "./credentials";

/** What decides the arguments of a cluster's programs. */
export interface ProgramSettings {
  readonly folder: string;
  /** Address that everything listens on. */
  readonly bind: string;
  readonly ports: { readonly api: number; readonly etcd: number; readonly etcdPeer: number };
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Seconds without a heartbeat after which a machine counts as gone. */
  readonly grace: number;
}

export function renderEtcdArgs({ folder, bind, ports }: ProgramSettings): string[] {
  const client = `http://${bind}:${ports.etcd}`;
  const peer = `http://${bind}:${ports.etcdPeer}`;
  return [
    `--data-dir=${path.join(folder, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // Its data need not outlive the power.
    "--unsafe-no-fsync",
  ];
}

/** As kubeadm and Kubespray run it, with RBAC, Pod Security and quotas; tokens stand in for certificates. */
export function renderApiServerArgs(settings: ProgramSettings, credentials: Credentials): string[] {
  const { folder, bind, ports, serviceCidr } = settings;
  return [
    `--etcd-servers=http://${bind}:${ports.etcd}`,
    `--bind-address=${bind}`,
    `--advertise-address=${bind}`,
    `--secure-port=${ports.api}`,
    `--cert-dir=${path.join(folder, "certificates")}`,
    `--token-auth-file=${credentials.tokenFile}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction,PodSecurity,ResourceQuota,LimitRanger",
    "--allow-privileged=true",
    "--kubelet-preferred-address-types=InternalIP",
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${credentials.publicKey}`,
    `--service-account-signing-key-file=${credentials.privateKey}`,
    `--service-cluster-ip-range=${serviceCidr}`,
    // A loopback address is not allowed as an endpoint, and no pod here could use one.
    "--endpoint-reconciler-type=none",
  ];
}

export function renderControllerManagerArgs(
  settings: ProgramSettings,
  credentials: Credentials,
  kubeconfig: string,
): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--cluster-cidr=${settings.podCidr}`,
    `--root-ca-file=${certificateFile(settings.folder)}`,
    `--service-account-private-key-file=${credentials.privateKey}`,
    "--use-service-account-credentials=true",
    `--node-monitor-grace-period=${settings.grace}s`,
    "--node-monitor-period=500ms",
    "--kube-api-qps=200",
    "--kube-api-burst=400",
    "--leader-elect=false",
    "--secure-port=0",
  ];
}

export function renderSchedulerArgs(kubeconfig: string): string[] {
  return [`--kubeconfig=${kubeconfig}`, "--leader-elect=false", "--secure-port=0"];
}

export function renderKwokArgs(
  settings: ProgramSettings,
  stages: string,
  kubeconfig: string,
): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--config=${stages}`,
    `--cidr=${settings.podCidr}`,
    "--manage-all-nodes=true",
    // The stages send heartbeats by the node's status, so that one may cease.
    "--node-lease-duration-seconds=0",
    "--server-address=",
  ];
}

/** The API server's own certificate, with the authority that it made for it. */
export function certificateFile(folder: string): string {
  return path.join(folder, "certificates", "apiserver.crt");
}
