import type { Change } from "./homelab";

export const SHA512 = "0123456789abcdef".repeat(8);

/** Hypervisors as a stack names them, two of them. */
export const HYPERVISOR = {
  endpoint: "https://192.168.8.33:8006",
  tokenSecret: "proxmoxToken",
  hosts: {
    "pve-a": { address: "192.168.8.33", cpus: 8, memory: "32Gi" },
    "pve-b": { address: "192.168.8.34", cpus: 4, memory: "16Gi" },
  },
  pool: "vmstation",
  storage: "ceph-pool",
  image: {
    url: "https://mirror.example.org/bookworm/20260101-2000/debian-12-genericcloud-amd64-20260101-2000.qcow2",
    sha512: SHA512,
  },
  sshKeys: [
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKdYdLPMmVc3ycEHwUnzWkrO9LWVmTmG0LJZJ1M8dHyC you@laptop",
  ],
};

/** What a machine needs beside its `vm`. */
const virtual = (name: string, vm: unknown): readonly Change[] => [
  [["machines", name, "nic"], "eth0"],
  [["machines", name, "mac"], undefined],
  [["machines", name, "memory"], "8Gi"],
  [["machines", name, "power"], { mode: "always-on" }],
  [["machines", name, "vm"], vm],
];

/** The tests' homelab with two virtual machines beside a real one. */
export const VIRTUAL: readonly Change[] = [
  [["hypervisor"], HYPERVISOR],
  ...virtual("maple", { host: "pve-a", id: 263, cores: 4, sockets: 2, disk: "128Gi" }),
  ...virtual("spruce", {
    ...{ host: "pve-b", id: 261, cores: 4, disk: "64Gi", mac: "02:00:00:00:08:61" },
  }),
];

/** A virtual machine among them that sleeps. */
export const ASLEEP: readonly Change[] = [
  ...VIRTUAL,
  [["hypervisor", "powerTokenSecret"], "proxmoxPowerToken"],
  [["machines", "spruce", "power"], { mode: "sleeps", method: "poweroff", wakeTimeout: "10m" }],
];

/** One of them in Proxmox's high availability, with a host that it prefers; the other anywhere. */
export const AVAILABLE: readonly Change[] = [
  ...VIRTUAL,
  [["machines", "maple", "vm", "ha"], { hosts: ["pve-a", "pve-b"], strict: true, maxRestart: 3 }],
  [["machines", "spruce", "vm", "ha"], {}],
];

export const HOST_SLEEPS = { mode: "sleeps", mac: "02:00:00:00:08:34" };

/** And its host with it, one of three. */
export const HOST_ASLEEP: readonly Change[] = [
  ...ASLEEP,
  [["hypervisor", "hosts", "pve-b", "power"], HOST_SLEEPS],
  [["hypervisor", "hosts", "pve-c"], { address: "192.168.8.35", cpus: 4, memory: "16Gi" }],
];

export const NETWORK = { manage: true, zone: "homezone", vnet: "homenet", tag: 4242 };

/** One of them on a network of the SDN, which the update makes. */
export const NETWORKED: readonly Change[] = [
  ...VIRTUAL,
  [["hypervisor", "network"], NETWORK],
  [["machines", "spruce", "vm", "bridge"], "homenet"],
  [["network", "mtu"], 1430],
];

/** The tests' homelab with a second NIC in each machine, all of them virtual. */
export const SECOND_NIC: readonly Change[] = [
  ...VIRTUAL,
  ...virtual("hazel", { host: "pve-b", id: 264, cores: 2, disk: "32Gi" }),
  [["machines", "hazel", "memory"], "4Gi"],
  [["machines", "hazel", "bmc"], undefined],
  [["hypervisor", "network"], { ...NETWORK, cidr: "10.0.0.0/24" }],
  ...["maple", "spruce", "hazel"].flatMap((name, i): Change[] => [
    [["machines", name, "clusterAddress"], `10.0.0.${10 + i}`],
    [["machines", name, "clusterNic"], "eth1"],
  ]),
  [["network", "mtu"], 1430],
];

export const HYPERVISOR_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKdYdLPMmVc3ycEHwUnzWkrO9LWVmTmG0LJZJ1M8dHyC";

/** One of them is made with a key that is known before. */
export const keyed = (hostKey = HYPERVISOR_KEY): readonly Change[] => [
  ...VIRTUAL,
  [["hypervisor", "hosts", "pve-a", "ssh"], { hostKey: HYPERVISOR_KEY }],
  [["machines", "maple", "vm", "hostKeySecret"], "mapleHostKey"],
  [["machines", "maple", "hostKey"], hostKey],
];
