import { isSystemFolder } from "../../components/folders";
import { absolutePath, cidr as cidrSchema } from "../../components/schema";
import { covers } from "../../components/network/addresses";
import type { Facts, FoundDisk, FoundMount } from "./facts";

/** A mount as a configuration writes it. */
export interface ComposedMount {
  readonly source: Readonly<Record<string, unknown>>;
  readonly type: string;
}

/** What was found of a machine's disks, and what about it is left to its owner. */
export interface Storage {
  readonly mounts: Readonly<Record<string, ComposedMount>>;
  readonly exports: Readonly<Record<string, { readOnly?: boolean; clients?: string[] }>>;
  /** For comments in the file. */
  readonly remarks: readonly string[];
}

const TYPES = ["xfs", "ext4", "btrfs", "nfs", "nfs4"];

// What runs pods and containers mounts there by itself.
const RUNTIME = /^\/var\/lib\/(kubelet|containerd|containers|docker|rancher)(\/|$)/;

/** File systems for data: what is mounted, and what fstab would mount once its server or disk is there. */
export function composeStorage(facts: Facts, lan: string): Storage {
  const remarks: string[] = [];
  const mounts: Record<string, ComposedMount> = {};
  for (const found of [...facts.mounts, ...facts.fstab]) {
    if (found.target in mounts || !isData(found)) continue;
    const source = sourceOf(found);
    if (source === undefined) continue;
    if (!absolutePath.safeParse(found.target).success) {
      remarks.push(
        `${found.target} cannot be described: its path has characters that are not accepted`,
      );
      continue;
    }
    mounts[found.target] = { source, type: found.fstype ?? "" };
  }
  const exported = facts.exports.flatMap((line) => composeExport(line, lan, remarks));
  return {
    mounts,
    exports: Object.fromEntries(exported),
    remarks: [...remarks, ...idleDisks(facts, mounts)],
  };
}

function isData({ target, fstype }: FoundMount): boolean {
  return (
    TYPES.includes(fstype ?? "") &&
    target.startsWith("/") &&
    !isSystemFolder(target) &&
    !RUNTIME.test(target)
  );
}

/** What fstab and findmnt write before a file system; undefined for a folder that is mounted a second time. */
function sourceOf({
  source,
  fstype,
  uuid,
  label,
}: FoundMount): ComposedMount["source"] | undefined {
  if (source == null || source.includes("[")) return undefined;
  if (fstype?.startsWith("nfs") === true) {
    const [server = "", ...path] = source.split(":");
    return { nfs: { server, path: path.join(":") } };
  }
  const [, key = "", value = ""] = /^(UUID|LABEL)="?([^"]+)"?$/.exec(source) ?? [];
  if (key !== "") return { [key.toLowerCase()]: value };
  if (uuid) return { uuid };
  if (label) return { label };
  return source.startsWith("/dev/") ? { device: source } : undefined;
}

/** Disks that hold a file system which nothing mounts: their owner may have forgotten them. */
function idleDisks({ disks }: Facts, mounts: Storage["mounts"]): string[] {
  const used = new Set(Object.values(mounts).flatMap(({ source }) => Object.values(source)));
  return disks
    .filter((disk) => TYPES.includes(disk.fstype ?? "") && !disk.mountpoint)
    .filter((disk) => ![disk.uuid, disk.label, disk.path].some((id) => id != null && used.has(id)))
    .map(renderDisk);
}

function renderDisk({ path, fstype, uuid, size }: FoundDisk): string {
  const what = `${fstype ?? ""}, ${renderSize(size)}`;
  const source = uuid ? `{ uuid: "${uuid}" }` : `{ device: ${path} }`;
  return `${path} (${what}) is mounted nowhere; as a mount its source is ${source}`;
}

/** Bytes in the largest unit that leaves a number of at least 1. */
export function renderSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[power] ?? ""}`;
}

/** One line of /etc/exports: `/srv/media 192.168.4.0/24(ro) 10.0.0.5(rw)`. Who is no network stays a remark. */
function composeExport(
  line: string,
  lan: string,
  remarks: string[],
): [string, { readOnly?: boolean; clients?: string[] }][] {
  const [folder = "", ...clients] = line.split(/\s+/);
  if (isSystemFolder(folder) || !absolutePath.safeParse(folder).success) return [];
  const networks = clients.map((client) => networkOf(client.replace(/\(.*$/, "")));
  const known = networks.flatMap((network) => network ?? []);
  const inside = known.filter((network) => covers(lan, network));
  if (inside.length < clients.length) {
    remarks.push(
      `${folder} is exported to ${clients.join(" ")} today; here NFS is open to the LAN alone`,
    );
  }
  const isWritable = clients.some((client) => /[(,]rw[,)]/.test(client));
  return [
    [
      folder,
      {
        ...(isWritable ? { readOnly: false } : {}),
        ...(inside.length > 0 && !inside.includes(lan) ? { clients: inside } : {}),
      },
    ],
  ];
}

function networkOf(client: string): string | undefined {
  const network = client.includes("/") ? client : `${client}/32`;
  return cidrSchema.safeParse(network).data;
}
