import type { ControlPlaneBackup } from "../../backup/types";
import { kubernetes } from "../../versions";
import { missingDigests, type Architecture } from "../architectures";
import { METRICS_SERVER_LIMIT } from "../memory";
import { defineMethod } from "../method";
import { clusterPackages, typha } from "../operator-facts";
import { etcdElsewhere } from "../server-roles";
import { kubeadmSchema, type KubeadmConfig } from "./config";
import { kubeadmDownloads } from "./downloads";
import { MARKS } from "./fixed";
import { KUBEADM_KEY_CHANGES } from "./key-changes";
import { OF_KUBERNETES } from "./keys";
import { Kubeadm } from "./kubeadm";
import { resetStep } from "./steps";

/** kubeadm: Kubernetes' programs on every machine, one control plane, and the others join it. */
export const kubeadm = defineMethod(kubeadmSchema, {
  name: "kubeadm",
  title: "kubeadm",
  marks: MARKS,
  architectures,
  record: "kubeadm",
  daemonSets: ["calico-node", "kube-proxy"],
  nodeBits: 24,
  // kubeadm's manifest of CoreDNS; metrics-server's manifest is ours.
  addonLimits: { coreDns: 170, metricsServer: METRICS_SERVER_LIMIT },
  endpoint: {
    cert: "/etc/kubernetes/pki/apiserver-kubelet-client.crt",
    key: "/etc/kubernetes/pki/apiserver-kubelet-client.key",
    pki: "/etc/kubernetes/pki",
  },
  keyChanges: KUBEADM_KEY_CHANGES,
  runs: { install: "kubeadm-artefacts", controller: "kubeadm-init", others: "kubeadm-join" },
  reset: { wipe: { on: "each machine", step: resetStep } },
  create: (name, args, opts) => new Kubeadm(name, args, opts),
  firewall: (_, members) => [typha(members)],
  packages: (members) => [clusterPackages(members)],
  controlPlane,
  downloads: kubeadmDownloads,
  problems: (_, site) => etcdElsewhere("kubeadm", site),
  pins: ({ checksums: { arm64, ...amd64 } }) =>
    Object.keys({ ...amd64, ...arm64 }).length === 0
      ? {}
      : { "bootstrap.checksums": JSON.stringify({ ...amd64, arm64 }) },
});

/** Digests are pinned of one version. Of another one the configuration brings them, for each architecture of its machines. */
function architectures({ kubernetesVersion, checksums }: KubeadmConfig) {
  const missing = (architecture: Architecture): readonly string[] =>
    kubernetesVersion === kubernetes.version
      ? []
      : missingDigests(checksums, OF_KUBERNETES, architecture);
  return { amd64: missing("amd64"), arm64: missing("arm64") };
}

function controlPlane(): ControlPlaneBackup {
  const folder = "/etc/kubernetes/pki/etcd";
  const manifests = "/etc/kubernetes/manifests";
  return {
    access: {
      endpoint: "https://127.0.0.1:2379",
      cacert: `${folder}/ca.crt`,
      cert: `${folder}/server.crt`,
      key: `${folder}/server.key`,
    },
    member: { kind: "pod", file: `${manifests}/etcd.yaml`, unit: "kubelet.service", manifests },
    files: ["/etc/kubernetes/pki", "/etc/vmstation/kubeadm"],
    kubectl: { program: "/usr/local/bin/kubectl", kubeconfig: "/etc/kubernetes/admin.conf" },
  };
}
