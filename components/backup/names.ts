import { agentRole } from "../remote/agent/role";
import { TEXTFILE_DIRECTORY } from "../shared/metrics";

/** Names of the controller and its agents on the machines. */
export const ROLE = agentRole("backup");

/** Folders and names on the controller; the programs under files/ hold the same. */
export const CONFIGURATION = "/etc/vmstation/backup.json";
export const PASSWORD = `${ROLE.secrets}/password`;
/** Read by node-exporter. */
export const METRICS = `${TEXTFILE_DIRECTORY}/vmstation-backup.prom`;

/** What backs up etcd, and the files beside it. */
export const ETCD_ITEM = "etcd";
export const CONTROL_PLANE_ITEM = "control-plane";
