export const PATH = "platform.storage";

export const NAMESPACES = {
  local: "local-path-storage",
  nfs: "csi-nfs",
  ceph: "ceph-csi",
} as const;
