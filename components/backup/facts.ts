import type { LayerFacts } from "../shared/facts";
import type { BackupConfig } from "./config";

/** What the backups ask of the controller. restic is in Debian's own repository, for RHEL in EPEL's. */
export function backupFacts(config: BackupConfig, controller: string | undefined): LayerFacts {
  if (!config.enabled || controller === undefined) return {};
  return {
    volumes: [
      {
        path: "backup.repository",
        machine: controller,
        directory: config.repository,
        user: "the backups",
        sleepsWith: false,
      },
    ],
    packages: [
      {
        machines: [controller],
        debian: ["openssh-client", "python3", "restic"],
        rhel: ["openssh-clients", "python3", "restic"],
      },
    ],
  };
}
