/** What tells one machine from another. */
export interface MachineSpec {
  readonly name: string;
  /** IPv4 address on the rig's own network. */
  readonly address: string;
  readonly mac: string;
  readonly nic: string;
  /** Size of the disk, as tmpfs takes it; memory is used only for what is written. */
  readonly disk: string;
  /** Whether it can run a kubelet: control groups and a disk as a real machine has them. */
  readonly runsPods?: boolean;
  /** Its Debian; 12 by default. */
  readonly debian?: 12 | 13;
  /** A NIC on the rig's second network. */
  readonly second?: SecondNic;
}

export interface SecondNic {
  readonly nic: string;
  readonly mac: string;
  readonly address: string;
}

/** The rig's network exists only in its namespaces. The controller, where the tests run, is .1. */
export const NETWORK = {
  cidr: "10.213.0.0/24",
  prefix: 24,
  controller: "10.213.0.1",
  broadcast: "10.213.0.255",
} as const;

/** The machines' own, on a bridge of its own: the controller is not in it, and no way leads there from the other. */
export const SECOND_NETWORK = { cidr: "10.215.0.0/24", prefix: 24 } as const;

function machine(name: string, host: number, nic: string): MachineSpec {
  const mac = `02:00:0a:d5:00:${host.toString(16).padStart(2, "0")}`;
  return { name, address: `10.213.0.${host}`, mac, nic, disk: "32G" };
}

/**
 * One machine for each of the homelab's, with its name, its NIC's name and its place in the network.
 * "hazel" runs Debian here: a RHEL 10 cannot be had for tests.
 */
export const HOMELAB: readonly MachineSpec[] = [
  machine("maple", 63, "enp2s0"),
  machine("spruce", 61, "enp5s0"),
  machine("hazel", 62, "eno1"),
];

/** The same, with Debian 13 on "hazel", beside Debian 12 on the others. */
export const MIXED: readonly MachineSpec[] = HOMELAB.map((spec) =>
  spec.name === "hazel" ? { ...spec, debian: 13 } : spec,
);

/** The machine's `os` in a stack's configuration. */
export function osOf({ debian = 12 }: Pick<MachineSpec, "debian">): string {
  return `debian-${debian}`;
}

function withPods(spec: MachineSpec): MachineSpec {
  return { ...spec, disk: "12G", runsPods: true };
}

/** The homelab's machines as they carry a real cluster. */
export const POD_MACHINES: readonly MachineSpec[] = HOMELAB.map(withPods);

/** The same, with Debian 13 on "hazel". */
export const MIXED_POD_MACHINES: readonly MachineSpec[] = MIXED.map(withPods);

/** One more, for a cluster with three control planes and a worker. */
export const FOURTH: MachineSpec = withPods(machine("walnut", 64, "enp1s0"));

function withSecond(spec: MachineSpec, index: number): MachineSpec {
  const host = 10 + index;
  const mac = `02:00:0a:d7:00:${host.toString(16).padStart(2, "0")}`;
  return { ...spec, second: { nic: `enp9s${index}`, mac, address: `10.215.0.${host}` } };
}

/** The homelab's machines as they carry a real cluster, each with a second NIC. */
export const TWO_NIC_MACHINES: readonly MachineSpec[] = POD_MACHINES.map(withSecond);
