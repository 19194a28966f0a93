import { CEPH, EXPORTS, LOCAL, NFS } from "../platform/storage-sites";
import { machine, type Rejection } from "./rejection";

const storage = (kinds: object) => [["platform"], { storage: kinds }] as const;
const PATH = "platform.storage";

/** Mistakes in storage classes, and in what asks for them. */
export const REJECTED_STORAGE: readonly Rejection[] = [
  {
    name: "storage without a class",
    changes: [storage({})],
    path: PATH,
    found: /\{\}/,
    accepted: /at least one of local, nfs and ceph/,
  },
  {
    name: "Ceph's administrator as the client",
    changes: [storage({ ceph: { ...CEPH, user: "admin" } })],
    path: `${PATH}.ceph.user`,
    found: /admin/,
    accepted: /this pool only, not admin\. .*ceph auth get-or-create client\.kubernetes/,
  },
  {
    name: "a Ceph client with the prefix of its entity",
    changes: [storage({ ceph: { ...CEPH, user: "client.kubernetes" } })],
    path: `${PATH}.ceph.user`,
    found: /client\.kubernetes/,
    accepted: /without `client\.`/,
  },
  {
    name: "an fsid that is none",
    changes: [storage({ ceph: { ...CEPH, fsid: "homeceph" } })],
    path: `${PATH}.ceph.fsid`,
    found: /homeceph/,
    accepted: /`ceph fsid`/,
  },
  {
    name: "a monitor on a machine that sleeps",
    changes: [storage({ ceph: { ...CEPH, monitors: ["192.168.8.61"] } })],
    path: `${PATH}.ceph.monitors[0]`,
    found: /^192\.168\.8\.61 of spruce, which sleeps \(vmstation:machines\.spruce\.power\)$/,
    accepted: /always-on/,
  },
  {
    name: "two default classes",
    changes: [
      storage({ nfs: { ...NFS, default: true }, ceph: { ...CEPH, default: true } }),
      EXPORTS,
    ],
    path: `${PATH}.ceph.default`,
    found: /vmstation:platform\.storage\.nfs\.default is true too/,
    accepted: /one default class/,
  },
  {
    name: "two classes of one name",
    changes: [storage({ nfs: { ...NFS, className: "ceph-rbd" }, ceph: CEPH }), EXPORTS],
    path: `${PATH}.ceph.className`,
    found: /^ceph-rbd, which vmstation:platform\.storage\.nfs\.className has too$/,
    accepted: /no other class/,
  },
  {
    name: "a default class on a machine that sleeps",
    changes: [storage({ local: { ...LOCAL, default: true } })],
    path: `${PATH}.local.machines[0]`,
    found:
      /^spruce, which sleeps, in the default class \(vmstation:platform\.storage\.local\.default\)$/,
    accepted: /always-on, or default: false/,
  },
  {
    name: "NFS from a machine that sleeps",
    changes: [
      storage({ nfs: { ...NFS, machine: "spruce" } }),
      [machine("spruce", "exports"), { "/srv/nfs": { readOnly: false } }],
    ],
    path: `${PATH}.nfs.machine`,
    found: /^spruce, which sleeps, for the data of the storage class nfs/,
    accepted: /always-on/,
  },
  {
    name: "NFS from a folder that is not exported",
    changes: [storage({ nfs: NFS })],
    path: `${PATH}.nfs.machine`,
    found: /^\/srv\/nfs\/volumes for the storage class nfs, which maple does not export$/,
    accepted: /machines\.maple\.exports/,
  },
  {
    name: "NFS from a folder that is exported read only",
    changes: [
      storage({ nfs: NFS }),
      [machine("maple", "exports"), { "/srv/nfs": { readOnly: true } }],
    ],
    path: `${PATH}.nfs.path`,
    found: /exports read only \(vmstation:machines\.maple\.exports\.\/srv\/nfs\.readOnly\)/,
    accepted: /for writing/,
  },
  {
    name: "an NFS server twice",
    changes: [storage({ nfs: { ...NFS, server: "nas.lan" } }), EXPORTS],
    path: `${PATH}.nfs.machine`,
    found: /maple/,
    accepted: /one of machine and server/,
  },
  {
    name: "an app's claim of a class that is not there",
    changes: [
      storage({ local: LOCAL }),
      [["apps", "jellyfin", "config"], { storageClass: "locla" }],
    ],
    path: "apps.jellyfin.config.storageClass",
    found: /^locla, which is no storage class here$/,
    accepted: /did you mean local/,
  },
  {
    name: "an app's claim without storage",
    changes: [[["apps", "jellyfin", "config"], { storageClass: "local" }]],
    path: "apps.jellyfin.config.storageClass",
    found: /^local, which is no storage class here$/,
    accepted: /vmstation:platform\.storage, which is not there/,
  },
  {
    name: "an app's claim of a class that its machine does not have",
    changes: [
      storage({ local: { machines: ["maple"] } }),
      [["apps", "jellyfin", "config"], { storageClass: "local" }],
    ],
    path: "apps.jellyfin.config.storageClass",
    found:
      /^local for Jellyfin on spruce, which is not among vmstation:platform\.storage\.local\.machines$/,
    accepted: /a class that spruce has; local is on maple/,
  },
  {
    name: "monitoring's data on NFS",
    changes: [storage({ nfs: NFS }), EXPORTS, [["monitoring", "storageClass"], "nfs"]],
    path: "monitoring.storageClass",
    found: /^nfs, which is NFS \(vmstation:platform\.storage\.nfs\), for Prometheus: .*damaged/,
    accepted: /local folders or of Ceph/,
  },
];
