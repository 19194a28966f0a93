import type { BackupSource } from "../shared/facts";
import type { CommonConfig } from "./config";
import { NAMESPACE } from "./names";
import { directoryOf, type LocalVolume } from "./volumes";

/** What the backups hold of a volume. */
export function renderBackup(volume: LocalVolume, config: CommonConfig): BackupSource {
  return {
    name: volume.name,
    set: "monitoring",
    machine: config.machine,
    directory: directoryOf(volume, config),
    leaveOut: volume.leaveOut,
    databases: volume.hasDatabases,
    pods: {
      namespace: NAMESPACE,
      selector: Object.entries(volume.pods)
        .map(([key, value]) => `${key}=${value}`)
        .join(","),
    },
  };
}
