import type { BackupSource, ClaimUse } from "../shared/facts";
import type { CommonConfig } from "./config";
import { NAMESPACE } from "./names";
import { directoryOf, type LocalVolume } from "./volumes";

/** What the backups hold of a volume. */
export function renderBackup(volume: LocalVolume, config: CommonConfig): BackupSource {
  const { name, set, ...how } = renderKept(volume);
  return { name, set, machine: config.machine, directory: directoryOf(volume, config), ...how };
}

/** The volume as a claim of a class of the platform. */
export function renderClaimUse(
  volume: LocalVolume,
  config: CommonConfig,
  storageClass: string | undefined,
): ClaimUse {
  return {
    path: "monitoring.storageClass",
    storageClass: storageClass ?? "",
    machine: config.machine,
    user: volume.user,
    namespace: NAMESPACE,
    claim: volume.claim,
    notOnNfs: "its database is damaged there, as its own documents say",
    backup: renderKept(volume),
  };
}

function renderKept(volume: LocalVolume): NonNullable<ClaimUse["backup"]> {
  return {
    name: volume.name,
    set: "monitoring",
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
