import { z } from "zod";
import { absolutePath, cidr, dnsLabel, host, ipv4, secretName } from "../../shared/scalars";

const className = (name: string) =>
  dnsLabel.prefault(name).describe("Name of the storage class, by which a claim asks for it");

const isDefault = z
  .boolean()
  .prefault(false)
  .describe("Whether claims that name no class get this one");

const localSchema = z
  .strictObject({
    path: absolutePath
      .prefault("/srv/volumes")
      .describe("Folder on each of the machines, in which each claim gets one of its own"),
    machines: z
      .array(dnsLabel)
      .min(1, "at least one machine")
      .describe("Machines whose disks hold the volumes"),
    className: className("local"),
    default: isDefault,
  })
  .describe("A folder on the disk of the machine that the pod runs on. It stays on that machine");

const nfsSchema = z
  .strictObject({
    machine: dnsLabel.optional().describe("The storage machine, which exports the folder"),
    server: host
      .optional()
      .describe("Instead of a machine of the stack: an NFS server, such as a NAS"),
    path: absolutePath.describe("Folder that it exports, in which each claim gets one of its own"),
    className: className("nfs"),
    default: isDefault,
  })
  .refine((nfs) => (nfs.machine === undefined) !== (nfs.server === undefined), {
    error: "one of machine and server",
    path: ["machine"],
  })
  .describe("A folder on a storage machine, which follows its pod to any machine");

/** Its rights would be those over the whole of Ceph, of all pools and of all other clients. */
const NO_ADMIN =
  "a client that may use this pool only, not admin. On a host of Ceph: ceph auth get-or-create client.kubernetes " +
  "mon 'profile rbd' osd 'profile rbd pool=POOL' mgr 'profile rbd pool=POOL'";

const cephSchema = z
  .strictObject({
    fsid: z.guid("Ceph's fsid, as `ceph fsid` shows it").describe("Ceph's identity: `ceph fsid`"),
    monitors: z
      .array(ipv4)
      .min(1, "the address of at least one monitor")
      .refine((all) => new Set(all).size === all.length, "each monitor once")
      .describe("Addresses of the monitors"),
    network: cidr
      .optional()
      .describe("Network of Ceph's other daemons; default: vmstation:lan.cidr"),
    pool: z
      .string()
      .regex(/^[\w.-]{1,64}$/, "the name of a pool, such as kubernetes")
      .describe("Pool of RBD images; not the one that holds disks of virtual machines"),
    user: z
      .string()
      .regex(/^[\w.-]{1,64}$/, "the name of a client without `client.`, such as kubernetes")
      .refine(
        (name) => !name.startsWith("client."),
        "the name without `client.`, such as kubernetes",
      )
      .refine((name) => name !== "admin", NO_ADMIN)
      .prefault("kubernetes")
      .describe("Client of Ceph with rights on the pool only, without `client.`"),
    keySecret: secretName.describe("Secret key holding that client's key"),
    className: className("ceph-rbd"),
    default: isDefault,
  })
  .describe("Block devices of a Ceph that you have already (RBD)");

export const storageSchema = z
  .strictObject({ local: localSchema, nfs: nfsSchema, ceph: cephSchema })
  .partial()
  .refine((storage) => Object.keys(storage).length > 0, "at least one of local, nfs and ceph")
  .describe("Storage classes: volumes that are made when a claim asks for one");

export type StorageConfig = z.output<typeof storageSchema>;
export type LocalConfig = NonNullable<StorageConfig["local"]>;
export type NfsConfig = NonNullable<StorageConfig["nfs"]>;
export type CephConfig = NonNullable<StorageConfig["ceph"]>;
