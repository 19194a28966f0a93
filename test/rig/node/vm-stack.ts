import type { Machine } from "../machine";
import { QEMU, type VirtualMachine } from "../virtual-machine";

/** The UUID that the suite gives to the file system on /dev/vdc. */
export const DISK_UUID = "6f1c1a52-0d4b-4f43-9d3f-0d5f3e1f7a10";

/**
 * An address that the machine has beside its own while its NFS server is "at home": to the program and to
 * the NFS client that is another machine, and it is away as soon as the address is.
 */
export const SERVER = "10.213.0.65";

/** Disks by their stable names, one of them not there, and an export of another address. */
const MOUNTS = {
  // Emulated, udev needs half a minute at boot until it has named the disks.
  "/srv/media": { type: "ext4", source: { label: "media" }, deviceTimeout: "2m" },
  "/srv/data": { type: "xfs", source: { uuid: DISK_UUID }, deviceTimeout: "2m" },
  // The suite mounts something else there before.
  "/srv/own": { source: { label: "own" } },
  "/mnt/gone": { source: { label: "not-there" }, deviceTimeout: "3s" },
  "/mnt/far": {
    type: "nfs4",
    source: { nfs: { server: SERVER, path: "/srv/media" } },
    options: ["ro"],
    idleTimeout: "5s",
  },
};

/** The QEMU machine as the only machine of a stack: changes to test/rig/Pulumi.rig.yaml. */
function renderStack(
  { name, ...one }: Pick<VirtualMachine, "name" | "address" | "nic" | "sshUser" | "hostKey">,
  more: object,
): string[] {
  const machine = {
    ...{ ...one, ...more },
    os: "debian-12",
    roles: ["control-plane", "etcd", "worker"],
    dns: ["10.213.0.1"],
  };
  return [
    `machines=${JSON.stringify({ [name]: machine })}`,
    `node.timeServer=${name}`,
    `node.logServer=${name}`,
    // Its packages are in the machine's image: emulated, installing Kubespray's takes minutes.
    "bootstrap.method=kubeadm",
    `monitoring.machine=${name}`,
    `apps.jellyfin.machine=${name}`,
    "validation.preflight={kernel: '4.19', memory: 512M, rootDisk: 5G, varDisk: 1G}",
  ];
}

/** With its disks, exports and kernel modules. */
export function renderVmStack(made: VirtualOne): string[] {
  const { hypervisor, hostKey } = made;
  const { name, address } = QEMU;
  const one = { name, address, nic: "eth0", sshUser: "ops", hostKey } as const;
  const vm = { host: "pve-a", id: 164, cores: 2, disk: "10Gi", mac: QEMU.mac };
  const more = {
    ...{ mounts: MOUNTS, exports: { "/srv/media": {} } },
    ...{ memory: "1Gi", vm: { ...vm, hostKeySecret: "qemuHostKey" } },
  };
  return [
    ...renderStack(one, more),
    "node.modules=[overlay, br_netfilter, nf_conntrack, ip_set, ipip]",
    `hypervisor=${JSON.stringify(renderHypervisor(hypervisor, made.operatorKey))}`,
  ];
}

/** What a virtual machine of the stack is made by, and with. */
export interface VirtualOne {
  /** A machine of the rig, which stands in for a Proxmox host as far as SSH goes. */
  readonly hypervisor: Pick<Machine, "address" | "hostKey">;
  readonly hostKey: string;
  /** Public key of who logs in. */
  readonly operatorKey: string;
}

function renderHypervisor(
  { address, hostKey }: VirtualOne["hypervisor"],
  operatorKey: string,
): object {
  const ssh = { user: "ops", hostKey };
  return {
    ...{ endpoint: `https://${address}:8006`, tokenSecret: "proxmoxToken", storage: "local-lvm" },
    hosts: { "pve-a": { address, cpus: 4, memory: "4Gi", ssh } },
    image: { url: "https://mirror.example.org/debian-12.qcow2", sha512: "0".repeat(128) },
    sshKeys: [operatorKey],
  };
}

/** With what every machine gets, which is enough to see what becomes of its swap. */
export function renderSwapStack(vm: VirtualMachine): string[] {
  const { name, address, nic, sshUser, hostKey } = vm;
  return renderStack({ name, address, nic, sshUser, hostKey }, { mac: vm.mac });
}

/** What only a kernel of its own can show, and what has to come before it. */
export function isVmStep(urn: string): boolean {
  return (
    /vmstation:(hypervisor:|validation:Preflight|node:Node$|node:Node::)/.test(urn) ||
    urn.endsWith("::node-qemu-system")
  );
}
