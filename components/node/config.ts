import { z } from "zod";
import {
  absolutePath,
  cidr,
  dnsLabel,
  duration,
  exactNumber,
  host,
  ipv4,
  labelKey,
  labelValue,
  mac,
  port,
  secretName,
  size,
} from "../shared/scalars";
import { SYSTEM_NAMES } from "../shared/systems";

export const ROLES = ["control-plane", "etcd", "worker"] as const;

const UUID = "a file system's UUID such as 8c1f2b6e-5d0a-4c39-9f21-7b3e6a1d4f58";
const LABEL = "a file system's label such as media";
const DEVICE = "a device such as /dev/disk/by-id/ata-…";

/** The error for anything else than a map. A misspelt key has an error of its own. */
const nfsExport = z.strictObject(
  {
    server: host.describe("Name or address of an NFS server"),
    path: absolutePath.describe("Folder that the server exports"),
  },
  { error: ({ code }) => (code === "invalid_type" ? "the map { server, path }" : undefined) },
);

const source = z
  .union(
    [
      z.strictObject({
        uuid: z
          .string(UUID)
          .regex(/^[0-9A-Fa-f-]{4,36}$/, UUID)
          .describe("UUID of a file system, as `blkid` shows it"),
      }),
      z.strictObject({
        label: z
          .string(LABEL)
          .regex(/^[\w.-]{1,16}$/, LABEL)
          .describe("Label of a file system, as `blkid` shows it"),
      }),
      z.strictObject({
        device: absolutePath
          .startsWith("/dev/", DEVICE)
          .describe("Device, by a name that stays, such as /dev/disk/by-id/ata-…"),
      }),
      z.strictObject({ nfs: nfsExport }),
    ],
    "one of uuid, label, device or nfs {server, path}",
  )
  .describe("What is mounted; without it the mount is left out, with a warning");

const mountSchema = z.strictObject({
  source: source.optional(),
  type: z
    .enum(["xfs", "ext4", "btrfs", "nfs", "nfs4"])
    .optional()
    .describe("File system type; default: nfs4 for an NFS source and xfs for a disk"),
  options: z
    .array(z.string().regex(/^[\w.=:@/-]+$/, "a mount option such as noatime"))
    .prefault([])
    .describe("Further mount options, such as [noatime, ro]"),
  deviceTimeout: duration
    .optional()
    .describe("How long boot waits for the device; default: 10s, and 90s for an exported one"),
  idleTimeout: duration
    .optional()
    .describe("Unmounted after this long unused; default: 10m for NFS and never for a disk"),
});

const exportSchema = z.strictObject({
  clients: z.array(cidr).optional().describe("Networks that may mount it; default: the LAN"),
  readOnly: z.boolean().prefault(true).describe("Whether clients may only read"),
});

const bmcSchema = z.strictObject({
  address: ipv4.describe("Address of the BMC on the LAN"),
  mac: mac.optional().describe("MAC address of the BMC"),
  user: z
    .string()
    .min(1)
    .max(64)
    .prefault("root")
    .describe("User of the BMC; an iDRAC comes with root"),
  passwordSecret: secretName.describe("Secret key holding the password of the BMC"),
});

const taint = z
  .string()
  .regex(
    /^[\w./-]+(=[\w.-]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/,
    "a taint such as node-role.kubernetes.io/control-plane:NoSchedule",
  );

/** Kubernetes has one taint of a key and an effect: with two, the later one would win without a word. */
function refuseSameTaints(taints: readonly string[], ctx: z.RefinementCtx): void {
  const kinds = taints.map((each) => each.replace(/=[^:]*/, ""));
  kinds.forEach((kind, i) => {
    if (kinds.indexOf(kind) === i) return;
    const message = `one taint of this key and effect, not ${taints[kinds.indexOf(kind)] ?? ""} as well`;
    ctx.addIssue({ code: "custom", path: [i], message, input: taints[i] });
  });
}

const NIC = "the name of a network interface such as enp2s0";
const nicName = z.string(NIC).regex(/^[A-Za-z][A-Za-z0-9._-]{0,14}$/, NIC);

/** One machine; stacks/config.ts adds the power layer's part. */
export const machineSchema = z.strictObject({
  address: ipv4.describe("Address on the LAN"),
  mac: mac.optional().describe("MAC address of the NIC; needed where the machine sleeps"),
  nic: nicName
    .optional()
    .describe("Network interface on the LAN; default: the one that has the machine's address"),
  clusterAddress: ipv4
    .optional()
    .describe(
      "Address by which the cluster's machines reach each other, in a network of their own; default: `address`",
    ),
  clusterNic: nicName
    .optional()
    .describe("Network interface that has `clusterAddress`; eth1 on a virtual machine"),
  os: z.enum(SYSTEM_NAMES).describe("Operating system, as docs/systems.md lists them"),
  roles: z.array(z.enum(ROLES)).min(1).describe("What the machine does in the cluster"),
  sshUser: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, "a user name such as ops")
    .describe("User with password-less sudo"),
  sshPort: port.prefault(22).describe("Port of sshd"),
  hostKey: z
    .string()
    .regex(
      // An RSA key would be asked for by its SHA-1 signature, which no current sshd gives.
      /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*$/,
      "a public host key, ssh-ed25519 AAAA… or ecdsa-sha2-…; not ssh-rsa",
    )
    .optional()
    .describe("Public SSH host key; `up` refuses a machine without one"),
  memory: size.optional().describe("Memory, for the check of limits placed here"),
  dns: z.array(ipv4).prefault([]).describe("Upstream DNS servers; default: lan.gateway"),
  labels: z.record(labelKey, labelValue).prefault({}).describe("Kubernetes labels"),
  taints: z.array(taint).superRefine(refuseSameTaints).prefault([]).describe("Kubernetes taints"),
  mounts: z.record(absolutePath, mountSchema).prefault({}).describe("File systems, by mount point"),
  exports: z.record(absolutePath, exportSchema).prefault({}).describe("NFS exports, by folder"),
  extraPackages: z
    .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9+._-]+$/, "the name of a package"))
    .prefault([])
    .describe("Further packages to install, such as [htop]"),
  bmc: bmcSchema.optional().describe("Board management controller, watched and used to wake"),
  offline: z
    .boolean()
    .prefault(false)
    .describe("The machine is dead or away: what is on it stays as the state knows it"),
});

const ntpHint = "an NTP server such as 0.pool.ntp.org";

/** One line, or it would set other keys as well. */
const sysctlText = z
  .string()
  .refine((text) => /^[\x20-\x7e\t]*$/.test(text), "a value of plain characters on one line");

const server = dnsLabel.optional();

/** What is the same on every machine. */
export const nodeSchema = z
  .strictObject({
    timeServer: server.describe("The machine that serves time to the LAN; default: the controller"),
    logServer: server.describe("The machine that collects system logs; default: the controller"),
    clusterCidr: cidr
      .optional()
      .describe(
        "Network of the machines' `clusterAddress`; of virtual machines vmstation:hypervisor.network.cidr is it",
      ),
    ntpPool: z
      .array(z.string().regex(/^[A-Za-z0-9.-]+$/, ntpHint))
      .min(1)
      .prefault(["0.pool.ntp.org", "1.pool.ntp.org", "2.pool.ntp.org", "3.pool.ntp.org"])
      .describe("NTP servers on the internet"),
    journal: z
      .strictObject({
        maxSize: size.prefault("500M").describe("Disk that the journal may take"),
        retention: duration.prefault("30d").describe("How long entries are kept"),
      })
      .prefault({})
      .describe("systemd-journald"),
    remoteLogs: z
      .strictObject({
        keepDays: z
          .int()
          .min(1)
          .prefault(90)
          .describe("Files kept on the log server, of each sender; one a day, more of a loud one"),
        maxSize: size
          .prefault("10G")
          .refine((bytes) => bytes >= 100e6, "a size of 100M or more")
          .describe("Of all senders together on the log server; the oldest files go first"),
        senders: z
          .record(dnsLabel, ipv4)
          .prefault({})
          .describe(
            "Other devices that may send logs, by UDP or TCP 514: name and address, such as { router: 192.168.1.1 }",
          ),
        queueSize: size.prefault("1G").describe("Disk queue of a machine whose log server is away"),
      })
      .prefault({})
      .describe("System logs sent to the log server"),
    modules: z
      .array(z.string().regex(/^[a-z0-9_]+$/, "a kernel module such as br_netfilter"))
      .prefault(["overlay", "br_netfilter", "nf_conntrack", "ip_set", "ipip"])
      .describe("Kernel modules that are loaded at boot"),
    sysctl: z
      .record(
        z.string().regex(/^[a-z0-9_]+(\.[\w-]+)+$/, "a sysctl key such as vm.swappiness"),
        z
          .union([sysctlText, exactNumber, z.null()], "a value, or null to leave the key alone")
          .transform((value) => (value === null ? null : String(value).trim())),
      )
      .prefault({})
      .describe("Kernel parameters beside, or instead of, the program's own"),
    sshd: z
      .strictObject({
        maxAuthTries: z.int().min(3).max(20).prefault(6).describe("Tries to log in per connection"),
        loginGraceTime: duration.prefault("60s").describe("How long a log-in may take"),
      })
      .prefault({})
      .describe("sshd's drop-in"),
    firewall: z
      .strictObject({
        enabled: z
          .boolean()
          .prefault(true)
          .describe("Default deny on input; false: no firewall of ours"),
        extraPorts: z
          .array(
            z.strictObject({
              port: port.describe("Number of the port"),
              protocol: z.enum(["tcp", "udp"]).prefault("tcp").describe("Protocol of the port"),
              from: z.enum(["anywhere", "lan"]).prefault("lan").describe("Who may connect"),
              machines: z.array(dnsLabel).min(1).describe("Machines on which it is open"),
              purpose: z
                .string()
                .regex(/^[\w .,()/-]{1,60}$/, "a few plain words")
                .describe("What it is for; a comment in the firewall"),
            }),
          )
          .prefault([])
          .describe("Ports open beside those that the layers ask for"),
        sshFrom: z
          .array(cidr)
          .prefault([])
          .describe("Networks that may use SSH; everybody where empty"),
      })
      .prefault({})
      .describe("The nftables table"),
  })
  .prefault({})
  .describe("What is the same on every machine");

export type MachineConfig = z.infer<typeof machineSchema>;
/** With the defaults that need the machines. */
export type NodeConfig = z.infer<typeof nodeSchema> & { timeServer: string; logServer: string };
export type MountConfig = z.infer<typeof mountSchema>;
export type ExportConfig = z.infer<typeof exportSchema>;
