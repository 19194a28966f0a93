import { type AskedMachine, machineName } from "../asked";
import { UserError } from "../../user-error";
import type { InventoryHost } from "./inventory";

export interface InventoryArgs {
  readonly file: string;
  readonly hosts: readonly InventoryHost[];
  /** Where the inventory names none. */
  readonly user: string | undefined;
  /** Machines that are control planes, whatever the groups say. */
  readonly controlPlanes: readonly string[];
  readonly sleepers: readonly string[];
  /** Only these, where there are any. */
  readonly only: readonly string[];
  /** An IPv4 address for a name; undefined where there is none. */
  readonly resolve: (host: string) => Promise<string | undefined>;
}

const CONTROL_PLANE =
  /^(kube_control_plane|kube_masters?|k8s_masters?|control_?planes?|controllers?|masters?|(rke2|k3s)?_?servers?)$/;
const WORKER = /^(kube_nodes?|k8s_(nodes?|workers?)|workers?|(rke2|k3s)?_?agents?)$/;
const ETCD = /^etcd$/;
const LABEL = /^(monitoring|storage|compute)(_nodes?)?$/;

/** The inventory's hosts as machines: those of the Kubernetes groups where there are such, else all. */
export async function inventoryMachines(args: InventoryArgs): Promise<AskedMachine[]> {
  const wanted = chooseHosts(args);
  const machines = await Promise.all(wanted.map((host) => describe(host, args)));
  const names = machines.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UserError(`${args.file} has two hosts that would be named ${twice}.`);
  for (const name of [...args.controlPlanes, ...args.sleepers, ...args.only]) {
    if (!names.includes(name)) {
      throw new UserError(
        `There is no machine ${name} in ${args.file}: it has ${names.join(", ")}.`,
      );
    }
  }
  if (!machines.some(({ roles }) => roles.includes("control-plane"))) {
    throw new UserError(
      `No group of ${args.file} says which machine is the control plane (kube_control_plane would): ` +
        `name it with --control-plane, one of ${names.join(", ")}.`,
    );
  }
  return machines;
}

function groupsOf(host: InventoryHost, pattern: RegExp): string[] {
  return [...host.groups].filter((group) =>
    pattern.test(group.toLowerCase().replace(/[-.]/g, "_")),
  );
}

function isIn(host: InventoryHost, pattern: RegExp): boolean {
  return groupsOf(host, pattern).length > 0;
}

function chooseHosts({ hosts, only }: InventoryArgs): InventoryHost[] {
  if (only.length > 0) return hosts.filter(({ name }) => only.includes(machineName(name)));
  const members = hosts.filter((host) =>
    [CONTROL_PLANE, WORKER, ETCD].some((pattern) => isIn(host, pattern)),
  );
  return members.some((host) => isIn(host, WORKER)) ? members : [...hosts];
}

async function describe(host: InventoryHost, args: InventoryArgs): Promise<AskedMachine> {
  const name = machineName(host.name);
  const text = (...keys: string[]): string | undefined => {
    const value = keys.map((key) => host.variables[key]).find((v) => v !== undefined && v !== null);
    if (typeof value === "string" && value.includes("{{")) {
      throw new UserError(
        `${args.file}: ${host.name} has a template where a plain value is needed: ${value}`,
      );
    }
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const target = text("ansible_host", "ansible_ssh_host", "ip") ?? host.name;
  const address = await args.resolve(target);
  if (address === undefined) {
    throw new UserError(
      `${args.file}: ${host.name} has no IPv4 address (${target} is no name here): set ansible_host.`,
    );
  }
  const user = text("ansible_user", "ansible_ssh_user") ?? args.user;
  if (user === undefined) {
    throw new UserError(
      `${args.file} does not say who logs in to ${host.name}: name them with --user.`,
    );
  }
  const isControlPlane = isIn(host, CONTROL_PLANE) || args.controlPlanes.includes(name);
  const hasEtcd = args.hosts.some((other) => isIn(other, ETCD)) && args.controlPlanes.length === 0;
  const isEtcd = hasEtcd ? isIn(host, ETCD) : isControlPlane;
  return {
    ...{ name, address, port: Number(text("ansible_port", "ansible_ssh_port") ?? 22) },
    user,
    roles: [
      ...(isControlPlane ? (["control-plane"] as const) : []),
      ...(isEtcd ? (["etcd"] as const) : []),
      ...((!isControlPlane && !isEtcd) || isIn(host, WORKER) ? (["worker"] as const) : []),
    ],
    sleeps: args.sleepers.includes(name),
    label: groupsOf(host, LABEL)[0]
      ?.toLowerCase()
      .replace(/[-_.].*$/, ""),
  };
}
