import { readScript, type Step } from "../remote/step";
import type { Machine } from "../node/machine";
import type { MonitoringConfig } from "./config";
import { TEXTFILE_DIRECTORY } from "./names";
import { findMount, renderVolumes, type LocalVolume } from "./volumes";

const PROGRAM = "/usr/local/bin/vmstation-backup-monitoring";
const UNIT = "/etc/systemd/system/vmstation-backup-monitoring";
const SETTINGS = "/etc/vmstation/backup-monitoring.json";

/** A backup is refused while less than this share of its disk is free. */
const MINIMUM_FREE = 0.1;

/**
 * What a part has open for writing, by name: a copy would be torn. Prometheus keeps the newest two to three
 * hours there (its head block), Loki the chunks that it has not flushed (two hours at most).
 */
const LEFT_OUT: Readonly<Record<LocalVolume["name"], readonly string[]>> = {
  prometheus: ["wal", "wbl", "chunks_head", "lock", "queries.active", "*.tmp-for-*"],
  grafana: ["*-wal", "*-shm", "*-journal"],
  loki: ["wal", "compactor"],
};

/** SQLite databases, which only SQLite can copy while they are in use. */
const DATABASES: Readonly<Record<LocalVolume["name"], readonly string[]>> = {
  prometheus: [],
  grafana: ["grafana.db"],
  loki: [],
};

/** What files/backup-monitoring.py reads. */
export function renderBackupSettings(machine: Pick<Machine, "mounts">, config: MonitoringConfig) {
  const { directory, keep } = config.backups;
  return {
    source: config.directory,
    destination: directory,
    mount: findMount(Object.keys(machine.mounts), directory) ?? "",
    keepSeconds: keep,
    minimumFree: MINIMUM_FREE,
    metrics: `${TEXTFILE_DIRECTORY}/vmstation-backup.prom`,
    parts: renderVolumes(config).map(({ name }) => ({
      name,
      leaveOut: LEFT_OUT[name],
      databases: DATABASES[name],
    })),
  };
}

function renderTimer(at: string): string {
  return [
    "[Unit]",
    "Description=Backs up Prometheus, Grafana and Loki every night",
    "",
    "[Timer]",
    `OnCalendar=*-*-* ${at}:00`,
    "Persistent=true",
    "",
    "[Install]",
    "WantedBy=timers.target",
    "",
  ].join("\n");
}

/** The step that installs the backup on the monitoring machine. */
export function renderBackupStep(machine: Pick<Machine, "mounts">, config: MonitoringConfig): Step {
  const settings = JSON.stringify(renderBackupSettings(machine, config), null, 2);
  return {
    name: "monitoring-backup",
    script: readScript(__dirname, "files/backup.sh"),
    libraries: ["files", "units"],
    files: [
      {
        path: PROGRAM,
        content: readScript(__dirname, "files/backup-monitoring.py"),
        mode: "0755",
        validate: "python",
      },
      { path: SETTINGS, content: `${settings}\n` },
      {
        path: `${UNIT}.service`,
        content: readScript(__dirname, "files/vmstation-backup-monitoring.service"),
      },
      { path: `${UNIT}.timer`, content: renderTimer(config.backups.at) },
    ],
  };
}
