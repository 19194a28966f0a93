import type { ControlPlaneBackup } from "../../backup/types";
import type { FirewallRule } from "../../shared/facts";
import { defineMethod, type Members } from "../method";
import { kubespraySchema } from "./config";
import { kubesprayDownloads } from "./downloads";
import { KUBESPRAY_KEY_CHANGES } from "./key-changes";
import { Kubespray } from "./kubespray";
import { renderQuestion } from "./question";
import { kubesprayProblems, virtualAddress } from "./rules";
import { controllerStep, inventoryStep, leftoversOf, resetStep, runStep } from "./steps";

/** Kubespray: Ansible's playbooks, run on the controller. */
export const kubespray = defineMethod(kubespraySchema, {
  name: "kubespray",
  title: "Kubespray",
  marks: { distribution: "Kubernetes" },
  // It has digests for both.
  architectures: () => ({ amd64: [], arm64: [] }),
  record: "recorded.json",
  // Calico's blocks: Kubernetes' own division of the network means nothing there.
  daemonSets: ["calico-node", "kube-proxy"],
  nodeBits: 26,
  // dns_memory_limit and metrics_server_limits_memory.
  addonLimits: { coreDns: 300, metricsServer: 200 },
  endpoint: {
    cert: "/etc/kubernetes/ssl/apiserver-kubelet-client.crt",
    key: "/etc/kubernetes/ssl/apiserver-kubelet-client.key",
    pki: "/etc/kubernetes/ssl",
  },
  keyChanges: KUBESPRAY_KEY_CHANGES,
  runs: { install: "kubespray-controller", controller: "kubespray", others: "kubespray" },
  reset: {
    again: (args) => resetStep(args, "soft"),
    wipe: { on: "controller", step: (args) => resetStep(args, "hard"), takesSnapshot: true },
    leftovers: (args) => [inventoryStep(args), runStep(args), leftoversOf(controllerStep(args))],
  },
  create: (name, args, opts) => new Kubespray(name, args, opts),
  firewall: ({ addons }, members) => [
    ...(addons.nodeLocalDns ? nodeLocalDns(members) : []),
    ...(addons.metallb ? metallb(members) : []),
  ],
  packages: ({ all, controller }) => [
    {
      machines: controller === undefined ? [] : [controller],
      debian: ["git", "python3", "python3-venv", "rsync", "openssh-client"],
      rhel: ["git", "python3", "rsync", "openssh-clients"],
    },
    { machines: all, debian: ["python3", "rsync"], rhel: ["python3", "rsync"] },
  ],
  controlPlane,
  downloads: kubesprayDownloads,
  problems: kubesprayProblems,
  virtualAddress,
  question: renderQuestion,
});

function nodeLocalDns({ all }: Members): FirewallRule[] {
  return (["tcp", "udp"] as const).map((protocol) => ({
    ...{ machines: all, purpose: "NodeLocal DNS", protocol, ports: [53], from: ["pods"] },
  }));
}

/** MetalLB's speakers agree among themselves which machine answers for an address. */
function metallb({ all }: Members): FirewallRule[] {
  return (["tcp", "udp"] as const).map((protocol) => ({
    ...{ machines: all, purpose: "MetalLB members", protocol, ports: [7946], from: ["machines"] },
  }));
}

/** etcd is a service of the machine's own; its files are named after the member's machine. */
function controlPlane(controller: string): ControlPlaneBackup {
  const folder = "/etc/ssl/etcd/ssl";
  return {
    access: {
      endpoint: "https://127.0.0.1:2379",
      cacert: `${folder}/ca.pem`,
      cert: `${folder}/admin-${controller}.pem`,
      key: `${folder}/admin-${controller}-key.pem`,
    },
    member: {
      kind: "unit",
      file: "/etc/etcd.env",
      unit: "etcd.service",
      manifests: "/etc/kubernetes/manifests",
    },
    files: ["/etc/kubernetes/ssl", "/etc/ssl/etcd"],
    kubectl: { program: "/usr/local/bin/kubectl", kubeconfig: "/etc/kubernetes/admin.conf" },
  };
}
