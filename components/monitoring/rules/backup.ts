import { MINUTE, type RuleGroup } from "./rule";

const WHERE = "on the control plane: journalctl -u vmstation-backup@{{ $labels.set }}";

/** Whether there is something to restore. The backup program on the controller writes the metrics. */
export const backupRules: RuleGroup = {
  name: "backup",
  rules: [
    {
      alert: "BackupOverdue",
      expr: "time() - vmstation_backup_timestamp_seconds > vmstation_backup_max_age_seconds",
      forSeconds: 5 * MINUTE,
      severity: "warning",
      summary: "The last backup of {{ $labels.backup }} is {{ $value | humanizeDuration }} old",
      description: `It did not run, or does not succeed; ${WHERE}.`,
    },
    {
      alert: "BackupFailed",
      expr: "vmstation_backup_failed == 1",
      forSeconds: 5 * MINUTE,
      severity: "warning",
      summary: "The last backup of {{ $labels.backup }} failed",
      description: `What was backed up before is whole; why this one failed ${WHERE}.`,
    },
  ],
};
