/** The groups of checks, as components/validation/files/checks names them. */
export const VALIDATION_GROUPS = [
  "cluster",
  "monitoring",
  "network",
  "nodes",
  "pods",
  "storage",
  "services",
  "certificates",
  "time",
] as const;
