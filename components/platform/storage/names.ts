export const PATH = "platform.storage";

export const NAMESPACES = {
  local: "local-path-storage",
  nfs: "csi-nfs",
  ceph: "ceph-csi",
} as const;

/** The resource of a class, below the resources of the part (`prefix`). */
export const classResource = (prefix: string, className: string): string =>
  `${prefix}-class-${className}`;
