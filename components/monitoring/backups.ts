import type { BackupSource } from "../shared/facts";
import type { MonitoringConfig } from "./config";
import { NAMESPACE, PODS } from "./names";
import { renderVolumes, type LocalVolume } from "./volumes";

/**
 * What a part has open for writing, by name: a copy would be torn. Prometheus keeps the newest two to three
 * hours there (its head block), Loki the chunks that it has not flushed (two hours at most).
 */
const LEFT_OUT: Readonly<Record<LocalVolume["name"], readonly string[]>> = {
  prometheus: ["wal", "wbl", "chunks_head", "lock", "queries.active", "*.tmp-for-*"],
  grafana: [],
  loki: ["wal", "compactor"],
};

/** What the backups hold of metrics, dashboards and logs. Grafana keeps its own in SQLite. */
export function listBackups(config: MonitoringConfig): BackupSource[] {
  return renderVolumes(config).map(({ name, directory }) => ({
    name,
    set: "monitoring",
    machine: config.machine,
    directory,
    leaveOut: LEFT_OUT[name],
    databases: name === "grafana",
    pods: {
      namespace: NAMESPACE,
      selector: Object.entries(PODS[name])
        .map(([key, value]) => `${key}=${value}`)
        .join(","),
    },
  }));
}
