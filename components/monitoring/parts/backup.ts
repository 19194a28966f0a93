import { definePart } from "../part";
import { backupRules } from "../rules/backup";

/** The backups. The backup program writes the metrics, node_exporter passes them on. */
export const backup = definePart({
  name: "backup",
  place: 16,
  rules: [backupRules],
});
