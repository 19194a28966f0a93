import type { ControlPlaneBackup } from "../backup/types";
import { recordPath } from "./facts";
import type { BootstrapConfig } from "./config";

const ENDPOINT = "https://127.0.0.1:2379";
const MANIFESTS = "/etc/kubernetes/manifests";

/**
 * How the method runs etcd on the controller, and what a control plane that is built anew has to find there
 * again, so that the other machines go on trusting it: the authorities, their keys, and our own record.
 */
export function describeControlPlane(
  config: Pick<BootstrapConfig, "method">,
  controller: string,
): ControlPlaneBackup {
  const record = recordPath(config.method);
  switch (config.method) {
    case "kubespray":
      return {
        ...renderKubespray(controller),
        files: ["/etc/kubernetes/ssl", "/etc/ssl/etcd", record],
        kubectl: { program: "/usr/local/bin/kubectl", kubeconfig: "/etc/kubernetes/admin.conf" },
      };
    case "kubeadm":
      return {
        ...renderKubeadm(),
        files: ["/etc/kubernetes/pki", "/etc/vmstation/kubeadm", record],
        kubectl: { program: "/usr/local/bin/kubectl", kubeconfig: "/etc/kubernetes/admin.conf" },
      };
    case "rke2":
      return {
        ...renderRke2(),
        files: [
          "/var/lib/rancher/rke2/server/tls",
          "/var/lib/rancher/rke2/server/cred",
          "/var/lib/rancher/rke2/server/token",
          record,
        ],
        kubectl: {
          program: "/var/lib/rancher/rke2/bin/kubectl",
          kubeconfig: "/etc/rancher/rke2/rke2.yaml",
        },
      };
  }
}

type EtcdPart = Pick<ControlPlaneBackup, "access" | "member">;

/** A service of the machine's own; its files are named after the member's machine. */
function renderKubespray(controller: string): EtcdPart {
  const folder = "/etc/ssl/etcd/ssl";
  return {
    access: {
      endpoint: ENDPOINT,
      cacert: `${folder}/ca.pem`,
      cert: `${folder}/admin-${controller}.pem`,
      key: `${folder}/admin-${controller}-key.pem`,
    },
    member: { kind: "unit", file: "/etc/etcd.env", unit: "etcd.service", manifests: MANIFESTS },
  };
}

function renderKubeadm(): EtcdPart {
  const folder = "/etc/kubernetes/pki/etcd";
  return {
    access: {
      endpoint: ENDPOINT,
      cacert: `${folder}/ca.crt`,
      cert: `${folder}/server.crt`,
      key: `${folder}/server.key`,
    },
    member: {
      kind: "pod",
      file: `${MANIFESTS}/etcd.yaml`,
      unit: "kubelet.service",
      manifests: MANIFESTS,
    },
  };
}

function renderRke2(): EtcdPart {
  const folder = "/var/lib/rancher/rke2/server/tls/etcd";
  return {
    access: {
      endpoint: ENDPOINT,
      cacert: `${folder}/server-ca.crt`,
      cert: `${folder}/client.crt`,
      key: `${folder}/client.key`,
    },
    member: { kind: "rke2", program: "/usr/local/bin/rke2", unit: "rke2-server.service" },
  };
}
