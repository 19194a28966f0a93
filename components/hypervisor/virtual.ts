import type { Machine } from "../node/machine";
import { isPinnedFor, pinnedCertificates } from "./certificates";
import type { HypervisorConfig, VmConfig } from "./config";

/** What marks a machine in Proxmox as made here: one whose making was cut is known by it again. */
export const TAG = "vmstation";
export const DESCRIPTION = "Made by VMStation, which prepares it over SSH.";
/** The same of what is no machine. */
export const MARK = "Made by VMStation";

/** A machine of the stack that is virtual. */
export interface VirtualMachine extends Machine {
  readonly vm: VmConfig;
}

export function isVirtual<M extends Machine & { readonly vm?: VmConfig | undefined }>(
  machine: M,
): machine is M & VirtualMachine {
  return machine.vm !== undefined;
}

/** The virtual machines that are there: Proxmox is asked about none that is offline. */
export function listVirtual<M extends MaybeVirtual>(machines: readonly M[]) {
  return machines.filter(isVirtual).filter(({ offline }) => !offline);
}

/** The bridge, or the vnet, that the machine's NIC is on. */
export function bridgeOf(vm: VmConfig, { bridge }: Pick<HypervisorConfig, "bridge">): string {
  return vm.bridge ?? bridge;
}

/** The network of Proxmox's SDN that the machine is on; undefined where it is on a bridge. */
export function networkOf(
  vm: VmConfig,
  config: Pick<HypervisorConfig, "bridge" | "network">,
): HypervisorConfig["network"] {
  return config.network?.vnet === bridgeOf(vm, config) ? config.network : undefined;
}

/** The hosts of the configuration that the machine may run on: those that high availability may start it on among them. */
export function hostsOf(
  { host, ha }: VmConfig,
  { hosts }: Pick<HypervisorConfig, "hosts">,
): readonly string[] {
  if (ha === undefined) return [host];
  const others = ha.strict ? (ha.hosts ?? []) : Object.keys(hosts);
  return [...new Set([host, ...others])];
}

/** How the power controller finds a virtual machine that sleeps, and wakes it. */
export interface WakeByApi {
  readonly id: number;
  /** The host that it is made on. */
  readonly host: string;
  /** Addresses of the API, in the order in which they are tried. */
  readonly endpoints: readonly string[];
  /** What the API's certificate must be, or be signed by; undefined where each computer's own authorities count. */
  readonly certificates?: string | undefined;
  /** MAC address of each host that sleeps. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Where the machine's memory is saved. */
  readonly storage: string;
  /** Name of the secret that holds the token. */
  readonly tokenSecret: string;
}

/** Undefined where the configuration has no token for it. */
export function wakeByApi(vm: VmConfig, config: HypervisorConfig): WakeByApi | undefined {
  if (config.powerTokenSecret === undefined) return undefined;
  const certificates = pinnedCertificates(config);
  return {
    ...{ id: vm.id, host: vm.host, endpoints: listEndpoints(config) },
    ...(certificates === undefined ? {} : { certificates }),
    hosts: Object.fromEntries(
      Object.entries(config.hosts).flatMap(([name, { power }]) =>
        power.mode === "sleeps" ? [[name, power.mac]] : [],
      ),
    ),
    storage: config.storage,
    tokenSecret: config.powerTokenSecret,
  };
}

/**
 * The configured address, then each host's own: one of them may be off. The cluster's authority signs their addresses;
 * another certificate may hold names alone.
 */
function listEndpoints({ endpoint, certificateAuthority, hosts }: HypervisorConfig): string[] {
  const others = Object.values(hosts)
    .filter(
      ({ address, certificate }) =>
        certificateAuthority !== undefined || isPinnedFor(certificate, address),
    )
    .sort((a, b) => Number(a.power.mode === "sleeps") - Number(b.power.mode === "sleeps"))
    .map(({ address }) => `https://${address}:8006`);
  return [...new Set([endpoint.replace(/\/$/, ""), ...others])];
}

/** Processors and bytes of each virtual machine that is there; undefined where there is none. */
export function virtualSizes({ machines }: { readonly machines: readonly MaybeVirtual[] }) {
  const virtual = listVirtual(machines);
  if (virtual.length === 0) return undefined;
  return Object.fromEntries(
    virtual.map(({ name, memory = 0, vm }) => [
      name,
      { cpu: vm.cores * vm.sockets, memory, disk: vm.disk },
    ]),
  );
}

type MaybeVirtual = Machine & { readonly vm?: VmConfig | undefined };

/** Pulumi's name of a virtual machine, below the layer's own. */
export function vmName(hypervisor: string, machine: string): string {
  return `${hypervisor}-vm-${machine}`;
}

/** What machines share in Proxmox. */
export type PartKind = "pool" | "zone" | "vnet";

/** The same of one of these. */
export function partName(hypervisor: string, kind: PartKind): string {
  return `${hypervisor}-${kind}`;
}
