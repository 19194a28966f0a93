import type {
  FirewallRule,
  LayerFacts,
  PackageNeed,
  Placement,
  VolumePlace,
} from "../shared/facts";
import type { NetworkConfig } from "../network/config";
import type { Machine } from "../node/machine";
import type { BootstrapConfig } from "./config";
import { memoryUses } from "./memory";

/** What the facts need of a machine. */
export type BootstrapMachine = Pick<Machine, "name" | "roles" | "sleeps">;

export interface BootstrapContext {
  readonly machines: readonly BootstrapMachine[];
  /** Undefined where there is none; that is told elsewhere. */
  readonly controller: Pick<BootstrapMachine, "name"> | undefined;
  readonly network: Pick<NetworkConfig, "encapsulation">;
}

/** What preflight needs to judge a cluster that is already on a machine. */
export interface ExistingPolicy {
  readonly existing: BootstrapConfig["existing"];
  readonly method: BootstrapConfig["method"];
  /** Files of which any one says that the machine is part of a cluster that the method could have made. */
  readonly marks: readonly string[];
  /** The same of everybody else's clusters, which no policy takes over or wipes: "K3s /etc/rancher/k3s/k3s.yaml". */
  readonly foreignMarks: readonly string[];
  /** What the pinned programs are built for, as \`uname -m\` says it. */
  readonly architectures: readonly string[];
  /** The record that this program keeps of its own cluster, on the controller. */
  readonly record: string;
  /** What a cluster that is to be adopted must have as well. */
  readonly apiServerPort: number;
}

/** Where the controller keeps what a method has installed; outlives the stack. */
export function recordPath(method: BootstrapConfig["method"]): string {
  return `/var/lib/vmstation/bootstrap/${method === "kubespray" ? "recorded.json" : method}`;
}

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

type Marks = Pick<ExistingPolicy, "marks" | "foreignMarks">;

/** Of a cluster that the method could have made, and of all others. */
export function clusterMarks(method: BootstrapConfig["method"]): Marks {
  const own = method === "rke2" ? "RKE2" : "Kubernetes";
  return {
    marks: MARKS[own],
    foreignMarks: Object.entries(MARKS).flatMap(([name, files]) =>
      name === own ? [] : files.map((file) => `${name} ${file}`),
    ),
  };
}

/** Kubespray has digests for both; those of the other methods' programs are of amd64 alone (versions.ts, RKE2's archive). */
const ARCHITECTURES: Readonly<Record<BootstrapConfig["method"], readonly string[]>> = {
  kubespray: ["x86_64", "aarch64"],
  kubeadm: ["x86_64"],
  rke2: ["x86_64"],
};

export function existingPolicy(config: BootstrapConfig): ExistingPolicy {
  return {
    existing: config.existing,
    method: config.method,
    ...clusterMarks(config.method),
    architectures: ARCHITECTURES[config.method],
    record: recordPath(config.method),
    apiServerPort: config.apiServerPort,
  };
}

function names(machines: readonly BootstrapMachine[], role?: string): readonly string[] {
  return machines
    .filter((m) => role === undefined || m.roles.some((r) => r === role))
    .map((m) => m.name);
}

/** Ports of Kubernetes and Calico, from their own documents. Pods that leave a machine carry its address. */
function firewall(config: BootstrapConfig, context: BootstrapContext): FirewallRule[] {
  const { machines } = context;
  const all = names(machines);
  const control = names(machines, "control-plane");
  const etcd = names(machines, "etcd");
  const tcp = (
    where: readonly string[],
    purpose: string,
    ports: readonly (number | string)[],
    from: FirewallRule["from"],
  ): FirewallRule => ({ machines: where, purpose, protocol: "tcp", ports, from });
  const rules: FirewallRule[] = [
    tcp(control, "Kubernetes API", [config.apiServerPort], ["lan", "machines", "pods"]),
    tcp(etcd, "etcd clients and peers", ["2379-2380"], ["machines"]),
    tcp(etcd, "etcd metrics", [2381], ["machines", "pods"]),
    tcp(control, "controller manager and scheduler", [10257, 10259], ["machines", "pods"]),
    tcp(all, "kubelet and kube-proxy", ["10249-10256"], ["machines", "pods"]),
    ...calicoFirewall(all, context.network),
  ];
  if (config.method === "kubespray") {
    if (config.addons.nodeLocalDns) {
      rules.push(tcp(all, "NodeLocal DNS", [53], ["pods"]), {
        machines: all,
        purpose: "NodeLocal DNS",
        protocol: "udp",
        ports: [53],
        from: ["pods"],
      });
    }
    if (config.addons.metallb) rules.push(...metallbFirewall(all));
    return rules;
  }
  // The Tigera operator always installs Typha, Calico's fan-out of its datastore.
  rules.push(tcp(all, "Calico Typha", [5473], ["machines"]));
  if (config.method === "rke2") {
    rules.push(tcp(control, "RKE2 registration", [9345], ["machines"]));
  }
  return rules;
}

/** MetalLB's speakers agree among themselves which machine answers for an address. */
function metallbFirewall(machines: readonly string[]): FirewallRule[] {
  return (["tcp", "udp"] as const).map((protocol) => ({
    ...{ machines, purpose: "MetalLB members", protocol, ports: [7946], from: ["machines"] },
  }));
}

function calicoFirewall(
  machines: readonly string[],
  { encapsulation }: BootstrapContext["network"],
): FirewallRule[] {
  const from: FirewallRule["from"] = ["machines"];
  if (encapsulation.startsWith("VXLAN")) {
    return [{ machines, purpose: "Calico VXLAN", protocol: "udp", ports: [4789], from }];
  }
  return [
    { machines, purpose: "Calico BGP", protocol: "tcp", ports: [179], from },
    ...(encapsulation === "None"
      ? []
      : [{ machines, purpose: "Calico IP-in-IP", protocol: "ipip" as const, from }]),
  ];
}

function packages(config: BootstrapConfig, context: BootstrapContext): PackageNeed[] {
  const { machines, controller } = context;
  if (controller === undefined) return [];
  if (config.method === "kubespray") {
    return [
      {
        machines: [controller.name],
        debian: ["git", "python3", "python3-venv", "rsync", "openssh-client"],
        rhel: ["git", "python3", "rsync", "openssh-clients"],
      },
      { machines: names(machines), debian: ["python3", "rsync"], rhel: ["python3", "rsync"] },
    ];
  }
  // kubeadm's own preflight asks for conntrack; kubectl port-forward for socat.
  return [
    {
      machines: names(machines),
      debian: ["curl", "tar", "python3", "conntrack", "socat", "nftables", "iptables"],
      rhel: ["curl", "tar", "python3", "conntrack-tools", "socat", "nftables", "container-selinux"],
    },
  ];
}

function placements(config: BootstrapConfig): Placement[] {
  return [
    ...(config.controller === undefined
      ? []
      : [{ path: "bootstrap.controller", machine: config.controller }]),
    ...(config.addonMachines ?? []).map((machine, i) => ({
      path: `bootstrap.addonMachines[${i}]`,
      machine,
    })),
  ];
}

export function bootstrapFacts(config: BootstrapConfig, context: BootstrapContext): LayerFacts {
  return {
    placements: placements(config),
    volumes: snapshots(config, context),
    memory: memoryUses(config, names(context.machines), addonMachines(config, context.machines)),
    firewall: firewall(config, context),
    packages: packages(config, context),
  };
}

function snapshots(
  { etcdSnapshot: { enabled, directory } }: BootstrapConfig,
  { controller }: BootstrapContext,
): VolumePlace[] {
  if (!enabled || controller === undefined) return [];
  return [
    {
      path: "bootstrap.etcdSnapshot.directory",
      machine: controller.name,
      directory,
      user: "etcd's snapshots",
      sleepsWith: false,
    },
  ];
}

/** Machines that CoreDNS and the like are bound to: those asked for, else all that never sleep. */
export function addonMachines(
  config: Pick<BootstrapConfig, "addonMachines">,
  machines: readonly BootstrapMachine[],
): readonly string[] {
  const wanted = config.addonMachines;
  return machines
    .filter((m) => (wanted === undefined ? !m.sleeps : wanted.includes(m.name)))
    .map((m) => m.name)
    .sort();
}

/** A problem of the configuration that needs the machines as well as this layer. */
export interface BootstrapProblem {
  readonly path: string;
  readonly found: unknown;
  readonly accepted: string;
}

/** Checks across this layer and the machines; unknown names are found through the placements. */
export function validateBootstrap(
  config: BootstrapConfig,
  context: Pick<BootstrapContext, "machines">,
): BootstrapProblem[] {
  const problems: BootstrapProblem[] = [];
  const find = (name: string) => context.machines.find((m) => m.name === name);
  const controller = config.controller === undefined ? undefined : find(config.controller);
  if (controller !== undefined && !controller.roles.includes("control-plane")) {
    problems.push({
      path: "bootstrap.controller",
      found: controller.name,
      accepted: "a machine with the role control-plane",
    });
  }
  (config.addonMachines ?? []).forEach((name, i) => {
    if (find(name)?.sleeps === true) {
      problems.push({
        path: `bootstrap.addonMachines[${i}]`,
        found: name,
        accepted: "a machine that never sleeps, or no machine is ever idle",
      });
    }
  });
  return problems;
}
