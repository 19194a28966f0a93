import type {
  AddressUse,
  FirewallRule,
  LayerFacts,
  PackageNeed,
  Placement,
  VolumePlace,
} from "../shared/facts";
import type { NetworkConfig } from "../network/config";
import type { Machine } from "../node/machine";
import type { ControlPlaneBackup } from "../backup/types";
import { renderFound, type Problem } from "../shared/problem";
import { ARCHITECTURES, KERNEL_NAMES } from "./architectures";
import { addonMachines } from "./addon-machines";
import type { CommonConfig } from "./common-config";
import { endpointAddress, endpointFirewall, endpointPackages } from "./endpoint/facts";
import { endpointProblems } from "./endpoint/rules";
import { clusterMarks, type ClusterMarks } from "./marks";
import { memoryUses } from "./memory";
import type { BootstrapMethod, Members, MethodSite } from "./method";
import { methodOf } from "./methods";

/** What the facts need of a machine. */
export type BootstrapMachine = Pick<Machine, "name" | "roles" | "sleeps">;

export interface BootstrapContext {
  readonly machines: readonly BootstrapMachine[];
  /** Undefined if there is none, which another check reports. */
  readonly controller: Pick<BootstrapMachine, "name"> | undefined;
  readonly network: Pick<NetworkConfig, "encapsulation">;
}

/** What preflight needs to judge a cluster that is already on a machine. */
export interface ExistingPolicy extends ClusterMarks {
  readonly existing: CommonConfig["existing"];
  readonly method: string;
  /** What there are programs for, as `uname -m` says it, each with the keys of digests that it lacks. */
  readonly architectures: readonly string[];
  /** The record that this program keeps of its own cluster, on the controller. */
  readonly record: string;
  /** What a cluster that is to be adopted must have as well. */
  readonly apiServerPort: number;
}

/** Where the controller keeps what a method has installed; outlives the stack. */
function recordPath({ record }: BootstrapMethod): string {
  return `/var/lib/vmstation/bootstrap/${record}`;
}

export function existingPolicy(config: CommonConfig): ExistingPolicy {
  const method = methodOf(config);
  return {
    existing: config.existing,
    method: method.name,
    ...clusterMarks(method.marks.distribution),
    architectures: architectureLines(method, config),
    record: recordPath(method),
    apiServerPort: config.apiServerPort,
  };
}

function architectureLines(method: BootstrapMethod, config: CommonConfig): readonly string[] {
  const missing = method.architectures(config);
  return ARCHITECTURES.flatMap((name) => {
    const keys = missing[name];
    return keys === undefined ? [] : [[KERNEL_NAMES[name], ...keys].join(" ")];
  });
}

/** What the backups keep of the controller: etcd, and what a rebuilt control plane has to find there again. */
export function describeControlPlane(
  config: Pick<CommonConfig, "method">,
  controller: string,
): ControlPlaneBackup {
  const method = methodOf(config);
  const found = method.controlPlane(controller);
  return { ...found, files: [...found.files, recordPath(method)] };
}

function names(machines: readonly BootstrapMachine[], role?: string): readonly string[] {
  return machines
    .filter((m) => role === undefined || m.roles.some((r) => r === role))
    .map((m) => m.name);
}

/** Ports of Kubernetes and Calico, from their own documents. Pods that leave a machine carry its address. */
function firewall(config: CommonConfig, context: BootstrapContext): readonly FirewallRule[] {
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
  return [
    tcp(control, "Kubernetes API", [config.apiServerPort], ["lan", "machines", "pods"]),
    tcp(etcd, "etcd clients and peers", ["2379-2380"], ["machines"]),
    tcp(etcd, "etcd metrics", [2381], ["machines", "pods"]),
    ...(methodOf(config).isOneProcess
      ? []
      : [tcp(control, "controller manager and scheduler", [10257, 10259], ["machines", "pods"])]),
    tcp(all, "kubelet and kube-proxy", ["10249-10256"], ["machines", "pods"]),
    ...calicoFirewall(all, context.network),
    ...(config.endpoint === undefined ? [] : endpointFirewall(membersOf(context))),
    ...methodOf(config).firewall(config, membersOf(context)),
  ];
}

function membersOf({ machines, controller }: BootstrapContext): Members {
  return {
    all: names(machines),
    controlPlanes: names(machines, "control-plane"),
    controller: controller?.name,
  };
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

function packages(config: CommonConfig, context: BootstrapContext): readonly PackageNeed[] {
  if (context.controller === undefined) return [];
  const members = membersOf(context);
  return [
    ...methodOf(config).packages(members),
    ...(config.endpoint === undefined ? [] : endpointPackages(members)),
  ];
}

function placements(config: CommonConfig): Placement[] {
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

export function bootstrapFacts(config: CommonConfig, context: BootstrapContext): LayerFacts {
  return {
    placements: placements(config),
    volumes: snapshots(config, context),
    memory: memoryUses(
      config,
      methodOf(config).addonLimits,
      names(context.machines),
      addonMachines(config, context.machines),
    ),
    firewall: firewall(config, context),
    packages: packages(config, context),
    secrets: methodOf(config).secrets(config),
    addresses: [
      ...(config.endpoint === undefined ? [] : [endpointAddress(config.endpoint)]),
      ...virtualAddresses(config),
    ],
  };
}

/** The address that stands for all control planes. */
function virtualAddresses(config: CommonConfig): AddressUse[] {
  const address = methodOf(config).virtualAddress(config);
  if (address === undefined) return [];
  return [
    {
      path: "bootstrap.variables.kube_vip_address",
      from: address,
      to: address,
      written: address,
      user: "the API server's virtual address",
      scope: "lan",
    },
  ];
}

function snapshots(
  { etcdSnapshot: { enabled, directory } }: CommonConfig,
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

/** Checks across this layer and the machines; unknown names are found through the placements. */
export function validateBootstrap(config: CommonConfig, site: MethodSite): Problem[] {
  return [
    ...methodOf(config).problems(config, site),
    ...endpointProblems(config, site),
    ...placementProblems(config, site),
  ];
}

function placementProblems(
  config: CommonConfig,
  { machines }: Pick<BootstrapContext, "machines">,
): Problem[] {
  const problems: Problem[] = [];
  const find = (name: string) => machines.find((m) => m.name === name);
  const controller = config.controller === undefined ? undefined : find(config.controller);
  if (controller !== undefined && !controller.roles.includes("control-plane")) {
    problems.push({
      path: "bootstrap.controller",
      found: renderFound(controller.name),
      accepted: "a machine with the role control-plane",
    });
  }
  (config.addonMachines ?? []).forEach((name, i) => {
    if (find(name)?.sleeps === true) {
      problems.push({
        path: `bootstrap.addonMachines[${i}]`,
        found: renderFound(name),
        accepted: "a machine that never sleeps, or no machine is ever idle",
      });
    }
  });
  return problems;
}
