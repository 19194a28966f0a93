import { z } from "zod";
import {
  absolutePath,
  cidr,
  dnsLabel,
  ipv4,
  mac,
  oneKind,
  port,
  secretName,
  size,
} from "../shared/scalars";
import { hostPem, pem } from "./certificates";

const GIB = 2 ** 30;

/** As Proxmox VE's API has it: a letter, then letters, digits, points, hyphens and underscores. */
const STORAGE = "the name of a storage such as local or ceph-pool";
const storage = z.string(STORAGE).regex(/^[a-z][a-z0-9._-]*[a-z0-9]$/i, STORAGE);

const BRIDGE = "the name of a bridge or vnet such as vmbr0";
const bridge = z.string(BRIDGE).regex(/^[a-z][a-z0-9_.]{1,14}$/i, BRIDGE);

const SDN_NAME = "2 to 8 letters and digits, a letter first, such as homenet";
/** A zone or a vnet; a vnet is a bridge on each host, whose name Linux limits. */
const sdnName = z.string(SDN_NAME).regex(/^[A-Za-z][A-Za-z0-9]{1,7}$/, SDN_NAME);

const MTU = "a whole number of bytes, 1280 to 9216, such as 1500";
const mtu = z.int(MTU).min(1280, MTU).max(9216, MTU);

const TAG = "a whole number, 1 to 16777215";

const CORES = "a whole number of cores, 1 to 128";
const cores = z.int(CORES).min(1, CORES).max(128, CORES);

const ENDPOINT = "the API's address such as https://192.168.1.5:8006, by https and without a path";
const SSH_KEY = "a public key such as ssh-ed25519 AAAA… you@laptop";

const IMAGE = "an https address of a .qcow2 or .img file";
/** What moves under the checksum one day. */
const MOVING = /\/(latest|current)\//;

const imageSchema = z
  .strictObject({
    url: z
      .string(IMAGE)
      .regex(/^https:\/\/[^\s?#]+\.(qcow2|img|raw)$/, IMAGE)
      .refine(
        (url) => !MOVING.test(url),
        "an image of one day, whose address names it: what /latest/ or /current/ means changes, and its checksum with it",
      )
      .describe("Where the hypervisor fetches the cloud image from"),
    sha512: z
      .string("128 hexadecimal digits")
      .regex(/^[0-9a-f]{128}$/, "128 hexadecimal digits")
      .describe("SHA-512 of the image, as SHA512SUMS beside it has it"),
    storage: storage
      .prefault("local")
      .describe("Storage of each host that keeps the image; it must allow the content Import"),
  })
  .describe("The image that each machine's disk is made from, once");

const MODE = "Whether the host is switched off while each machine on it sleeps";

const hostPowerSchema = z
  .discriminatedUnion(
    "mode",
    [
      z.strictObject({ mode: z.literal("always-on").describe(MODE) }),
      z.strictObject({
        mode: z.literal("sleeps").describe(MODE),
        mac: mac.describe("MAC address of its NIC: a magic packet wakes it"),
      }),
    ],
    { error: oneKind("mode", ["always-on", "sleeps"]) },
  )
  .prefault({ mode: "always-on" })
  .describe("Whether the host sleeps when nothing runs on it");

const networkSchema = z
  .strictObject({
    manage: z
      .boolean()
      .prefault(false)
      .describe("Whether `up` makes the network; default: somebody else has made it"),
    zone: sdnName.describe("Zone of Proxmox's SDN, of the kind VXLAN, that joins all hosts"),
    vnet: sdnName.describe(
      "Network in the zone: machines are on it whose `bridge` it is, or which have a `clusterAddress`",
    ),
    tag: z
      .int(TAG)
      .min(1, TAG)
      .max(16_777_215, TAG)
      .describe("VXLAN's number of the network, which no other network of the cluster has"),
    cidr: cidr
      .optional()
      .describe("Addresses of the network, where machines have a `clusterAddress` in it"),
    mtu: mtu
      .prefault(1450)
      .describe("MTU of the network: at most that of the hosts' NICs less 50 bytes for VXLAN"),
  })
  .optional()
  .describe("A network between the hosts, by Proxmox's SDN; left out where absent");

const HOST_KEY = "a public host key, ssh-ed25519 AAAA… or ecdsa-sha2-…; not ssh-rsa";

const hostSshSchema = z
  .strictObject({
    user: z
      .string("a user name such as root")
      .regex(/^[a-z_][a-z0-9_-]{0,31}$/, "a user name such as root")
      .prefault("root")
      .describe("User with password-less sudo"),
    port: port.prefault(22).describe("Port of sshd"),
    hostKey: z
      .string(HOST_KEY)
      .regex(/^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*$/, HOST_KEY)
      .describe("Public SSH host key of the host"),
  })
  .optional()
  .describe("How the host is reached, to bring a machine's SSH host key there; default: it is not");

const snippetsSchema = z
  .strictObject({
    storage: storage
      .prefault("local")
      .describe(
        "Storage that a machine's SSH host key is read from; it must allow the content Snippets",
      ),
    folder: absolutePath
      .prefault("/var/lib/vz/snippets")
      .describe("Folder of the snippets of that storage, on each host"),
  })
  .prefault({})
  .describe("Where cloud-init's data of machines with a `hostKeySecret` is kept");

const hostSchema = z.strictObject({
  address: ipv4.describe("Address of the host on the LAN"),
  cpus: cores.describe("Processors of the host, for the check of what is placed there"),
  memory: size.describe("Memory of the host, for the check of what is placed there"),
  reserve: size
    .prefault("2Gi")
    .describe("Memory that the host itself keeps; about 4Gi more for each OSD of Ceph"),
  mtu: mtu.prefault(1500).describe("MTU of the host's NIC, larger where it has jumbo frames"),
  certificate: hostPem
    .optional()
    .describe(
      "The certificate that the host's API shows; `vmstation trust --hypervisor` writes it. Default: it is checked by `certificateAuthority`",
    ),
  power: hostPowerSchema,
  ssh: hostSshSchema,
});

const POOL = "the name of a resource pool such as vmstation";
/** A pool that is made must begin with a letter; one that is there may have an older name. */
const poolName = z.string(POOL).regex(/^[A-Za-z0-9._-]+$/, POOL);

const poolSchema = z
  .union(
    [
      poolName,
      z
        .strictObject({
          name: poolName.describe("Name of the pool"),
          manage: z
            .boolean()
            .prefault(false)
            .describe("Whether `up` makes the pool; default: somebody else has made it"),
        })
        .refine(({ name, manage }) => !manage || /^[A-Za-z]/.test(name), {
          path: ["name"],
          error: "a name that begins with a letter, as Proxmox makes no other",
        }),
    ],
    "the name of a resource pool such as vmstation, or { name: vmstation, manage: true }",
  )
  .transform((pool) => (typeof pool === "string" ? { name: pool, manage: false } : pool))
  .optional()
  .describe("Resource pool that the machines are in, to which the token's rights are given");

/** The hypervisors that some machines of the stack run on. */
export const hypervisorSchema = z
  .strictObject({
    kind: z.literal("proxmox").prefault("proxmox").describe("Which hypervisor: Proxmox VE"),
    endpoint: z
      .string(ENDPOINT)
      .regex(/^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/?$/, ENDPOINT)
      .describe("Address of the API, of any host of the cluster"),
    tokenSecret: secretName.describe(
      "Secret key holding the API token, USER@REALM!NAME=UUID; docs/hypervisor.md has the rights it needs",
    ),
    powerTokenSecret: secretName
      .optional()
      .describe(
        "Secret key holding the token by which the power controller wakes machines that sleep; with fewer rights",
      ),
    certificateAuthority: pem
      .optional()
      .describe(
        "The cluster's own certificate authority, /etc/pve/pve-root-ca.pem; default: `certificate` of the hosts, else the authorities that this computer trusts",
      ),
    hosts: z
      .record(dnsLabel, hostSchema)
      .refine((hosts) => Object.keys(hosts).length > 0, "at least one host")
      .describe("The hosts, by their names in the Proxmox cluster"),
    pool: poolSchema,
    storage: storage.describe("Storage of the machines' disks"),
    bridge: bridge.prefault("vmbr0").describe("Bridge to the LAN"),
    network: networkSchema,
    image: imageSchema,
    snippets: snippetsSchema,
    sshKeys: z
      .array(
        z
          .string(SSH_KEY)
          .regex(/^(ssh-ed25519|ecdsa-sha2-\S+|sk-\S+|ssh-rsa) [A-Za-z0-9+/]+=*( .*)?$/, SSH_KEY),
      )
      .min(1)
      .describe("Public keys by which you log in to a new machine, as its sshUser"),
  })
  .describe("Hypervisors that machines with a `vm` run on; left out where absent");

const ATTEMPTS = "a whole number, 0 to 10";
const attempts = z.int(ATTEMPTS).min(0, ATTEMPTS).max(10, ATTEMPTS).prefault(1);

const haSchema = z
  .strictObject({
    hosts: z
      .array(dnsLabel)
      .min(2, "two hosts or more")
      .refine((hosts) => new Set(hosts).size === hosts.length, "each host once")
      .optional()
      .describe("Hosts that it is to run on, its own `host` first; default: any of the cluster"),
    strict: z
      .boolean()
      .prefault(false)
      .describe("Whether it stops where none of `hosts` is on; default: it starts on another host"),
    failback: z
      .boolean()
      .prefault(true)
      .describe("Whether it moves back to a host that is earlier in `hosts` once that is on again"),
    maxRestart: attempts.describe("How often Proxmox tries to start it again on one host"),
    maxRelocate: attempts.describe("How often Proxmox then tries another host"),
  })
  .refine(({ hosts, strict }) => hosts !== undefined || !strict, {
    path: ["strict"],
    error: "false, or `hosts` which it is limited to",
  })
  .optional()
  .describe("Proxmox starts it again where it stops, and on another host where its own fails");

const TYPE = "a CPU type such as x86-64-v2-AES or host";

/** The hypervisor's part of one machine. */
export const vmSchema = z
  .strictObject({
    host: dnsLabel.describe("The host of vmstation:hypervisor.hosts that it runs on"),
    id: z
      .int("a whole number, 100 to 999999999")
      .min(100, "a whole number, 100 to 999999999")
      .max(999_999_999, "a whole number, 100 to 999999999")
      .describe("Its number in Proxmox; it never changes"),
    cores: cores.describe("Cores of each socket"),
    sockets: z.int().min(1).max(4).prefault(1).describe("Sockets; processors are cores × sockets"),
    cpuType: z
      .string(TYPE)
      .regex(/^[A-Za-z0-9._-]+$/, TYPE)
      .prefault("x86-64-v2-AES")
      .describe("What the machine sees of the processor; `host` binds it to hosts that are alike"),
    disk: size
      .refine((bytes) => bytes >= 10 * GIB, "a size of 10Gi or more")
      .refine((bytes) => bytes % GIB === 0, "whole gibibytes such as 64Gi")
      .describe("Size of its disk; it may grow, and never shrinks"),
    bridge: bridge
      .optional()
      .describe("Bridge or vnet that its NIC is on; default: `bridge` of vmstation:hypervisor"),
    hostKeySecret: secretName
      .optional()
      .describe(
        "Secret key for the private half of its `hostKey`, with which it is made; `vmstation trust` makes both",
      ),
    mac: mac
      .optional()
      .describe("MAC address of its virtual NIC; default: one that Proxmox chooses"),
    ha: haSchema,
  })
  .optional()
  .describe("The machine is virtual: `up` makes it on a hypervisor");

export type HypervisorConfig = z.infer<typeof hypervisorSchema>;
export type VmConfig = NonNullable<z.infer<typeof vmSchema>>;
export type HaConfig = NonNullable<VmConfig["ha"]>;
