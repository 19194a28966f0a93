import type { Machine } from "../../node/machine";
import { clusterAddressOf } from "../../shared/addresses";
import { byName } from "../args";
import { ADDON_LABEL } from "../render-calico";

/** What the inventory holds of one machine. */
export type InventoryMachine = Pick<
  Machine,
  | "name"
  | "address"
  | "clusterAddress"
  | "sshPort"
  | "sshUser"
  | "roles"
  | "labels"
  | "taints"
  | "dns"
  | "hostKey"
>;

/** Ansible's variables of one host. */
export interface HostVars {
  readonly ansible_host: string;
  readonly ansible_port: number;
  readonly ansible_user: string;
  readonly ansible_python_interpreter: string;
  readonly ip: string;
  readonly access_ip: string;
  readonly node_labels: Readonly<Record<string, string>>;
  readonly node_taints: readonly string[];
  readonly upstream_dns_servers: readonly string[];
}

type Hosts<Vars> = Readonly<Record<string, Vars>>;
type Empty = Readonly<Record<string, never>>;

/** Ansible's YAML inventory as a plain object. */
export interface Inventory {
  readonly all: {
    readonly hosts: Hosts<HostVars>;
    readonly children: {
      readonly kube_control_plane: { readonly hosts: Hosts<Empty> };
      readonly etcd: { readonly hosts: Hosts<Empty> };
      readonly kube_node: { readonly hosts: Hosts<Empty> };
      readonly k8s_cluster: { readonly children: Hosts<Empty> };
    };
  };
}

export function renderHostVars(
  machine: InventoryMachine,
  addonMachines: readonly string[],
): HostVars {
  return {
    ansible_host: machine.address,
    ansible_port: machine.sshPort,
    ansible_user: machine.sshUser,
    // The system's own: apt and dnf modules need its bindings.
    ansible_python_interpreter: "/usr/bin/python3",
    ip: clusterAddressOf(machine),
    access_ip: clusterAddressOf(machine),
    node_labels: {
      ...machine.labels,
      ...(addonMachines.includes(machine.name) ? { [ADDON_LABEL]: "true" } : {}),
    },
    node_taints: machine.taints,
    upstream_dns_servers: machine.dns,
  };
}

/** The controller first, for Kubespray sets up the first control plane first; the others by name. */
export function inventoryOrder(machines: readonly Machine[], controller: string): Machine[] {
  const sorted = byName(machines);
  return [
    ...sorted.filter((machine) => machine.name === controller),
    ...sorted.filter((machine) => machine.name !== controller),
  ];
}

/** The inventory of the wanted cluster, `machines` in inventory order. */
export function renderInventory(
  machines: readonly InventoryMachine[],
  addonMachines: readonly string[],
): Inventory {
  const withRole = (role: InventoryMachine["roles"][number]) => ({
    hosts: Object.fromEntries(
      machines.filter((m) => m.roles.includes(role)).map((m) => [m.name, {}]),
    ),
  });
  return {
    all: {
      hosts: Object.fromEntries(machines.map((m) => [m.name, renderHostVars(m, addonMachines)])),
      children: {
        kube_control_plane: withRole("control-plane"),
        etcd: withRole("etcd"),
        kube_node: withRole("worker"),
        k8s_cluster: { children: { kube_control_plane: {}, kube_node: {} } },
      },
    },
  };
}

/** known_hosts for the controller: one line for each machine whose host key is known. */
export function renderKnownHosts(machines: readonly InventoryMachine[]): string {
  return machines
    .filter((machine) => machine.hostKey !== undefined)
    .map(({ address, sshPort, hostKey }) =>
      sshPort === 22 ? `${address} ${hostKey}\n` : `[${address}]:${sshPort} ${hostKey}\n`,
    )
    .join("");
}
