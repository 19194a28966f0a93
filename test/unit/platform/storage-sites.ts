import type { Change } from "../../support/homelab";

export const LOCAL = { machines: ["spruce", "maple"] };
export const NFS = { machine: "maple", path: "/srv/nfs/volumes" };
export const CEPH = {
  fsid: "b3b0fb5c-3f0b-4b1c-9d2f-5d0a2c3e4f50",
  monitors: ["192.168.8.33", "192.168.8.34", "192.168.8.35"],
  pool: "kubernetes",
  keySecret: "cephKey",
};
/** In the form that Ceph's keys have. */
export const CEPH_KEY = "AQD0000000000000000000000000000000000A==";

export const EXPORTS: Change = [
  ["machines", "maple", "exports"],
  { "/srv/nfs": { readOnly: false } },
];

/** A homelab with every class: maple is always on, spruce sleeps. */
export const STORAGE: readonly Change[] = [
  [["platform"], { storage: { local: LOCAL, nfs: NFS, ceph: CEPH } }],
  EXPORTS,
];
