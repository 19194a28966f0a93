import { readScript, type StepFile } from "../remote/step";
import type { ExportConfig, MountConfig } from "./config";
import { HEADER, type NodeContext, type NodeStep } from "./context";
import type { Machine } from "./machine";

/** systemd's name for a path ("/srv/my-data" is "srv-my\x2ddata"), as `systemd-escape --path` prints it. */
export function escapePath(path: string): string {
  const trimmed = path.replace(/\/+/g, "/").replace(/^\/|\/$/g, "");
  if (trimmed === "") return "-";
  const escaped = [...Buffer.from(trimmed, "utf8")].map((byte, i) => {
    const char = String.fromCharCode(byte);
    if (char === "/") return "-";
    if (/[A-Za-z0-9:_]/.test(char) || (char === "." && i > 0)) return char;
    return `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return escaped.join("");
}

/** In a unit file % begins what systemd puts in by itself (systemd.unit(5), specifiers). */
function literal(text: string): string {
  return text.replaceAll("%", "%%");
}

type Source = NonNullable<MountConfig["source"]>;

/** What systemd mounts: a device's stable path, or SERVER:PATH. */
export function renderWhat(source: Source): string {
  if ("uuid" in source) return `/dev/disk/by-uuid/${source.uuid}`;
  if ("label" in source) return `/dev/disk/by-label/${source.label}`;
  if ("device" in source) return source.device;
  return `${source.nfs.server}:${source.nfs.path}`;
}

// An operation on a server that went to sleep while it was mounted ends with an error, and its process can be killed
// meanwhile. That takes until TCP has given up (NFS 4.2 to a silent server: 136 s for a df), not timeo × retrans alone.
// nfs(5): timeo is in tenths of a second.
const NFS_OPTIONS = ["soft", "timeo=50", "retrans=2", "_netdev", "noatime"];

/**
 * In seconds. Boot continues without a slow disk, but the NFS server does not start without the disks that it exports:
 * for those, systemd's default.
 */
const DEVICE_TIMEOUT = 10;
const EXPORTED_DEVICE_TIMEOUT = 90;

interface Mount extends MountConfig {
  readonly deviceTimeout: number;
  /** Whether it or a folder in it is exported. */
  readonly exported: boolean;
}

function completeMount(path: string, mount: MountConfig, exports: readonly string[]): Mount {
  const exported = exports.some((folder) => folder === path || folder.startsWith(`${path}/`));
  const usual = exported ? EXPORTED_DEVICE_TIMEOUT : DEVICE_TIMEOUT;
  return { ...mount, exported, deviceTimeout: mount.deviceTimeout ?? usual };
}

// The NFS server requires the disks that it exports. If a disk comes too late, its mount starts the server.
const BEFORE_NFS_SERVER = "Wants=nfs-server.service\nBefore=nfs-server.service\n";

function renderMountUnit(path: string, mount: Mount, source: Source): string {
  const nfs = "nfs" in source;
  const options = [...(nfs ? NFS_OPTIONS : ["noatime"]), ...mount.options];
  return `${HEADER}[Unit]
Description=${literal(path)} (VMStation)
${mount.exported ? BEFORE_NFS_SERVER : ""}
[Mount]
What=${literal(renderWhat(source))}
Where=${literal(path)}
Type=${mount.type ?? (nfs ? "nfs4" : "xfs")}
Options=${[...new Set(options)].join(",")}
TimeoutSec=${nfs ? 15 : mount.deviceTimeout}
`;
}

const NFS_IDLE = 600;

function renderAutomountUnit(path: string, mount: MountConfig, source: Source): string {
  const nfs = "nfs" in source;
  const idle = mount.idleTimeout ?? (nfs ? NFS_IDLE : 0);
  return `${HEADER}[Unit]
Description=${literal(path)} when it is used (VMStation)

[Automount]
Where=${literal(path)}
TimeoutIdleSec=${idle}

[Install]
WantedBy=${nfs ? "remote-fs.target" : "local-fs.target"}
`;
}

/** How long a missing disk is waited for: a limit on its device unit, which a mount unit cannot set. */
function renderDeviceTimeout(mount: Mount): string {
  return `${HEADER}[Unit]\nJobRunningTimeoutSec=${mount.deviceTimeout}\n`;
}

/** The unit that a disk's mount waits for; "-" for what is no disk. */
function deviceUnit(source: Source): string {
  return "nfs" in source ? "-" : `${escapePath(renderWhat(source))}.device`;
}

function mountFiles(path: string, mount: Mount): StepFile[] {
  const { source } = mount;
  if (source === undefined) return [];
  const folder = "/etc/systemd/system";
  const name = escapePath(path);
  const units = [
    { path: `${folder}/${name}.mount`, content: renderMountUnit(path, mount, source) },
    { path: `${folder}/${name}.automount`, content: renderAutomountUnit(path, mount, source) },
  ];
  if ("nfs" in source) return units;
  return [
    ...units,
    {
      path: `${folder}/${deviceUnit(source)}.d/50-vmstation.conf`,
      content: renderDeviceTimeout(mount),
    },
  ];
}

/** One line of exports(5) for each folder. Clients' root is mapped to nobody (root_squash). */
export function renderExports(
  exports: Readonly<Record<string, ExportConfig>>,
  lan: string,
): string {
  const lines = Object.entries(exports).map(([path, config]) => {
    const options = `${config.readOnly ? "ro" : "rw"},sync,no_subtree_check,root_squash`;
    return `${path} ${(config.clients ?? [lan]).map((c) => `${c}(${options})`).join(" ")}\n`;
  });
  return HEADER + lines.sort().join("");
}

function exportFiles(machine: Machine, context: NodeContext): StepFile[] {
  if (Object.keys(machine.exports).length === 0) return [];
  return [
    {
      path: "/etc/exports.d/vmstation.exports",
      content: renderExports(machine.exports, context.lan.cidr),
    },
    // Version 4 needs one port; 3 needs a portmapper and several that no firewall rule can name.
    { path: "/etc/nfs.conf.d/vmstation.conf", content: `${HEADER}[nfsd]\nvers3=n\n` },
  ];
}

/** Mounts and exports. A mount whose disk is not known yet is left out; the configuration warns of it. */
export const storageStep: NodeStep = (machine, context) => {
  const mounts = Object.entries(machine.mounts)
    .filter(([, mount]) => mount.source !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const exports = Object.keys(machine.exports).sort();
  return {
    name: "storage",
    script: readScript(__dirname, "files/storage.sh"),
    libraries: ["files", "units"],
    settings: {
      MOUNTS: mounts.flatMap(([path, { source }]) =>
        source === undefined ? [] : [`${path} ${escapePath(path)} ${deviceUnit(source)}`],
      ),
      EXPORTS: exports,
      // Not Debian's alias nfs-kernel-server: systemd does not tell whether an alias is enabled.
      NFS_SERVER_UNIT: "nfs-server.service",
    },
    files: [
      ...mounts.flatMap(([path, mount]) => mountFiles(path, completeMount(path, mount, exports))),
      ...exportFiles(machine, context),
    ],
  };
};
