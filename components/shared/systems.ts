/**
 * The operating systems that machines may run, and what a step needs to know of each: the one place that knows.
 *
 * Where the facts are from: os-release(5) of each system, as captured in test/support/fixtures/os-release. Debian 12 and
 * 13: their packages, installed. OpenSSH: Ubuntu 24.04 has 9.6p1, 26.04 has 10.2p1 (their packages and banners); RHEL 9
 * and its rebuilds have 8.7p1 up to 9.7 and 9.9p1 from 9.8, RHEL 10 has 9.9p1 (their RPMs). Penalties came with OpenSSH
 * 9.8 (its release notes). leapseclist came with chrony 4.6 (chrony.conf(5)); Debian 13 keeps right/UTC in
 * tzdata-legacy. RHEL 10's kernel has no ip_tables (Red Hat's "Considerations in adopting RHEL 10").
 */
export const SYSTEM_NAMES = [
  "debian-12",
  "debian-13",
  "ubuntu-24.04",
  "ubuntu-26.04",
  "rhel-9",
  "rhel-10",
  "rocky-9",
  "rocky-10",
  "almalinux-9",
  "almalinux-10",
] as const;

export type SystemName = (typeof SYSTEM_NAMES)[number];

export interface System {
  /** As people call it. */
  readonly title: string;
  /** ID of os-release. */
  readonly id: string;
  /** VERSION_ID of os-release; a minor number may follow there. */
  readonly version: string;
  /** VERSION_CODENAME, by which derivatives name the system they are made from; "" if it has none. */
  readonly codename: string;
  /** By whose names packages are asked for. */
  readonly family: "debian" | "rhel";
  readonly packageManager: "apt-get" | "dnf";
  /** Packages with another name here than in their family; null: the system has no such package and needs none. */
  readonly packageNames: Readonly<Record<string, string | null>>;
  /** The package with kernel modules that the kernel's own package leaves out; none: they are all there. */
  readonly extraModules: "kernel-modules-extra" | "linux-modules-extra" | undefined;
  readonly chrony: {
    readonly unit: "chrony.service" | "chronyd.service";
    readonly config: string;
    readonly driftFile: string;
    /** The line that says where leap seconds are listed. */
    readonly leapSeconds: string;
  };
  /** Whether every release of its sshd knows PerSourcePenalties; others refuse the keyword. */
  readonly hasSshPenalties: boolean;
  /** Other firewalls that a machine may have; they are off while ours is on. */
  readonly otherFirewalls: readonly string[];
  /** Whether the kernel has iptables; where one machine lacks it, all of the cluster uses nftables. */
  readonly hasIptables: boolean;
  /** What configures the network after a plain server installation. The program only reads its result. */
  readonly network: "ifupdown" | "netplan" | "NetworkManager";
  readonly accessControl: "AppArmor" | "SELinux";
  /** What else may change a machine by itself, or holds the package manager. */
  readonly interferes: readonly ("unattended-upgrades" | "snapd" | "cloud-init" | "needrestart")[];
  /** How much of the program has run on it: up to a whole cluster, the machines' part alone, or nothing. */
  readonly run: "whole" | "in part" | "never";
}

const RIGHT_UTC = "leapsectz right/UTC";
const LEAP_LIST = "leapseclist /usr/share/zoneinfo/leap-seconds.list";

const DEBIAN = {
  family: "debian",
  packageManager: "apt-get",
  packageNames: {},
  extraModules: undefined,
  chrony: {
    unit: "chrony.service",
    config: "/etc/chrony/chrony.conf",
    driftFile: "/var/lib/chrony/chrony.drift",
    leapSeconds: RIGHT_UTC,
  },
  hasSshPenalties: false,
  otherFirewalls: ["ufw.service", "firewalld.service", "netfilter-persistent.service"],
  hasIptables: true,
  network: "ifupdown",
  accessControl: "AppArmor",
  interferes: ["unattended-upgrades", "cloud-init"],
  run: "never",
} as const;

const DEBIAN_NEWER = {
  hasSshPenalties: true,
  chrony: { ...DEBIAN.chrony, leapSeconds: LEAP_LIST },
} as const;

const UBUNTU = {
  ...DEBIAN,
  extraModules: "linux-modules-extra",
  network: "netplan",
  interferes: ["unattended-upgrades", "snapd", "cloud-init", "needrestart"],
} as const;

const RHEL = {
  family: "rhel",
  packageManager: "dnf",
  codename: "",
  extraModules: "kernel-modules-extra",
  chrony: {
    unit: "chronyd.service",
    config: "/etc/chrony.conf",
    driftFile: "/var/lib/chrony/drift",
    leapSeconds: RIGHT_UTC,
  },
  network: "NetworkManager",
  accessControl: "SELinux",
  interferes: ["cloud-init"],
  run: "never",
} as const;

const RHEL_9 = {
  ...RHEL,
  version: "9",
  packageNames: { iptables: "iptables-nft" },
  hasSshPenalties: false,
  otherFirewalls: ["ufw.service", "firewalld.service", "iptables.service", "ip6tables.service"],
  hasIptables: true,
} as const;

const RHEL_10 = {
  ...RHEL,
  version: "10",
  packageNames: { iptables: null },
  hasSshPenalties: true,
  otherFirewalls: ["ufw.service", "firewalld.service"],
  hasIptables: false,
} as const;

export const SYSTEMS: Readonly<Record<SystemName, System>> = {
  "debian-12": {
    ...DEBIAN,
    ...{ title: "Debian 12 (bookworm)", id: "debian", version: "12", codename: "bookworm" },
    run: "whole",
  },
  "debian-13": {
    ...DEBIAN,
    ...{ title: "Debian 13 (trixie)", id: "debian", version: "13", codename: "trixie" },
    ...DEBIAN_NEWER,
    run: "in part",
  },
  "ubuntu-24.04": {
    ...UBUNTU,
    ...{ title: "Ubuntu 24.04 LTS", id: "ubuntu", version: "24.04", codename: "noble" },
  },
  "ubuntu-26.04": {
    ...UBUNTU,
    ...{ title: "Ubuntu 26.04 LTS", id: "ubuntu", version: "26.04", codename: "resolute" },
    ...DEBIAN_NEWER,
  },
  "rhel-9": { ...RHEL_9, title: "Red Hat Enterprise Linux 9", id: "rhel" },
  "rhel-10": { ...RHEL_10, title: "Red Hat Enterprise Linux 10", id: "rhel" },
  "rocky-9": { ...RHEL_9, title: "Rocky Linux 9", id: "rocky" },
  "rocky-10": { ...RHEL_10, title: "Rocky Linux 10", id: "rocky" },
  "almalinux-9": { ...RHEL_9, title: "AlmaLinux 9", id: "almalinux" },
  "almalinux-10": { ...RHEL_10, title: "AlmaLinux 10", id: "almalinux" },
};

/** What is known of the system that a machine runs. */
export function systemOf({ os }: { readonly os: SystemName }): System {
  return SYSTEMS[os];
}

/** The names of packages on one system: its family's, with its own instead where they differ; each once, sorted. */
export function namePackages(system: System, names: readonly string[]): string[] {
  const own = names.flatMap((name) => {
    const other = system.packageNames[name];
    return other === undefined ? [name] : (other ?? []);
  });
  return [...new Set(own)].sort();
}

/** A line "NAME ID VERSION CODENAME" for each system, as remote/files/system.sh reads them; "-" for no codename. */
export function listKnownSystems(): string[] {
  return SYSTEM_NAMES.map((name) => {
    const { id, version, codename } = SYSTEMS[name];
    return [name, id, version, codename === "" ? "-" : codename].join(" ");
  });
}
