/** What each distribution leaves on a machine, on a worker too. */
const MARKS = {
  Kubernetes: ["/etc/kubernetes/kubelet.conf", "/etc/kubernetes/admin.conf"],
  RKE2: [
    "/etc/rancher/rke2/rke2.yaml",
    "/var/lib/rancher/rke2/agent/kubelet.kubeconfig",
    "/var/lib/rancher/rke2/server/token",
  ],
  K3s: [
    "/etc/rancher/k3s/k3s.yaml",
    "/var/lib/rancher/k3s/agent/kubelet.kubeconfig",
    "/var/lib/rancher/k3s/server/token",
    "/etc/systemd/system/k3s.service",
    "/etc/systemd/system/k3s-agent.service",
  ],
  k0s: ["/var/lib/k0s/kubelet.conf", "/var/lib/k0s/pki/ca.crt", "/etc/k0s/k0s.yaml"],
  MicroK8s: ["/var/snap/microk8s/current/credentials"],
} as const;

export type Distribution = keyof typeof MARKS;

/** How a cluster of one method is recognised. */
export interface OwnMarks {
  readonly distribution: Distribution;
  /** Files that a cluster of the same distribution has only where another tool made it. */
  readonly foreignFiles?: readonly string[];
}

export interface ClusterMarks {
  /** Files; any of them shows that the machine is part of a cluster that the method could have made. */
  readonly marks: readonly string[];
  /** The same of everybody else's clusters, which no policy takes over or wipes: "K3s /etc/rancher/k3s/k3s.yaml". */
  readonly foreignMarks: readonly string[];
}

/** Of a cluster of this distribution, and of all others. */
export function clusterMarks(own: Distribution): ClusterMarks {
  return {
    marks: MARKS[own],
    foreignMarks: Object.entries(MARKS).flatMap(([name, files]) =>
      name === own ? [] : files.map((file) => `${name} ${file}`),
    ),
  };
}
