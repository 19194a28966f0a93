/** Folders and names on the machines; the programs under files/ hold the same. */
export const CONFIGURATION = "/etc/vmstation/backup.json";
export const AGENT_CONFIGURATION = "/etc/vmstation/backup-agent.json";
export const PASSWORD = "/etc/vmstation/backup/password";
export const KEY = "/etc/vmstation/backup/key";
export const KNOWN_HOSTS = "/etc/vmstation/backup/known_hosts";
export const PROGRAMS = "/usr/local/lib/vmstation";
/** Read by node-exporter. */
export const METRICS = "/var/lib/node_exporter/textfile_collector/vmstation-backup.prom";
/** Whom the controller logs in as where it fetches an archive, and that user's home. */
export const AGENT_USER = "vmstation-backup";
export const AGENT_HOME = "/var/lib/vmstation-backup";
export const AUTHORIZED_KEYS = `${AGENT_HOME}/.ssh/authorized_keys`;

/** What backs up etcd, and the files beside it. */
export const ETCD_ITEM = "etcd";
export const CONTROL_PLANE_ITEM = "control-plane";
