/** The groups of checks, in the order in which they are shown: files/checks/check_NAME.py each. One line each. */
export const VALIDATION_GROUPS = [
  "cluster",
  "endpoint",
  "monitoring",
  "network",
  "platform",
  "nodes",
  "hypervisor",
  "pods",
  "apps",
  "gitops",
  "storage",
  "services",
  "certificates",
  "time",
] as const;
