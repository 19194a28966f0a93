import type { Facts, FoundDisk, FoundMount } from "./facts";
import { normalisePath } from "./paths";

export type MountSource = Readonly<Record<string, unknown>>;

/**
 * All ways to name the source of a mount, the best first: as its owner wrote it, then by what is known of the disk. The
 * schema decides which of them a configuration accepts.
 */
export function listMountSources(found: FoundMount, facts: Facts): MountSource[] {
  const source = found.source ?? "";
  if (found.fstype?.startsWith("nfs") === true) return nfsSources(source, facts);
  const written = readTag(source);
  const disk = findDisk(found, facts);
  const [uuid, label] = [found.uuid ?? disk?.uuid, found.label ?? disk?.label];
  return [
    ...(written?.tag === "uuid" || written?.tag === "label"
      ? [{ [written.tag]: written.value }]
      : []),
    ...(uuid == null ? [] : [{ uuid }]),
    ...(label == null ? [] : [{ label }]),
    ...(source.startsWith("/dev/") ? [{ device: source }] : []),
  ];
}

/** The disk that a mount's source names. */
export function findDisk({ source }: FoundMount, facts: Facts): FoundDisk | undefined {
  const written = readTag(source ?? "");
  return facts.disks.find((each) => isDisk(each, source ?? "", written));
}

interface Tag {
  readonly tag: string;
  readonly value: string;
}

/** UUID=…, LABEL="…", PARTUUID=… and the links of udev that say the same. */
function readTag(source: string): Tag | undefined {
  const [, link, linked] =
    /^\/dev\/disk\/by-(uuid|label|partuuid|partlabel)\/(.+)$/.exec(source) ?? [];
  if (link !== undefined && linked !== undefined) return { tag: link, value: unescapeUdev(linked) };
  const [, name, quoted] = /^(UUID|LABEL|PARTUUID|PARTLABEL)=(.*)$/.exec(source) ?? [];
  if (name === undefined || quoted === undefined) return undefined;
  const value = /^"(.*)"$/.exec(quoted)?.[1] ?? /^'(.*)'$/.exec(quoted)?.[1] ?? quoted;
  return { tag: name.toLowerCase(), value };
}

/** udev writes a blank in a label as \x20. */
function unescapeUdev(text: string): string {
  const bytes = text.replace(/\\x([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function isDisk(disk: FoundDisk, source: string, written: Tag | undefined): boolean {
  if (written === undefined) return disk.path === source;
  const { uuid, label, partuuid, partlabel } = disk;
  const known = new Map(Object.entries({ uuid, label, partuuid, partlabel }));
  return known.get(written.tag) === written.value;
}

/** SERVER:PATH; a server by its address where its name is not one of DNS. */
function nfsSources(source: string, facts: Facts): MountSource[] {
  const [, server, path] = /^([^:[\],]+):(\/.*)$/.exec(source) ?? [];
  if (server === undefined || path === undefined) return [];
  const address = facts.fileServers.get(server) ?? "";
  return [server, ...(address === "" ? [] : [address])].map((each) => ({
    nfs: { server: each, path: normalisePath(path) },
  }));
}
