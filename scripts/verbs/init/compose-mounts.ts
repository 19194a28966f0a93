import { machineSchema } from "../../../components/node/config";
import { isSystemFolder } from "../../../components/shared/folders";
import { absolutePath } from "../../../components/shared/scalars";
import type { Facts, FoundDisk, FoundMount } from "./facts";
import { findDisk, listMountSources, type MountSource } from "./mount-source";
import { chooseOptions } from "./mount-options";
import { normalisePath } from "./paths";

/** A mount as a configuration writes it. */
export interface ComposedMount {
  readonly source: MountSource;
  readonly type: string;
  readonly options?: readonly string[];
}

export const TYPES = ["xfs", "ext4", "btrfs", "nfs", "nfs4"];

/** What is no data: fstab has it beside the file systems. */
const NO_DATA = /^(?:swap|tmpfs|devtmpfs|proc|sysfs|devpts|none|overlay|squashfs|iso9660|udf)$/;

// The kubelet and container runtimes mount there by themselves.
const RUNTIME = /^\/var\/lib\/(kubelet|containerd|containers|docker|rancher)(\/|$)/;

const mountSchema = machineSchema.shape.mounts.unwrap().valueType;

/**
 * File systems for data: what is mounted, and what fstab mounts once its server or disk is available. A mount that
 * cannot be described becomes a remark; the others are kept.
 */
export function composeMounts(seen: Facts, remarks: string[]): Record<string, ComposedMount> {
  const facts = { ...seen, fstab: seen.fstab.map((each) => withType(each, seen)) };
  const mounts: Record<string, ComposedMount> = {};
  const done = new Set<string>();
  for (const found of [...facts.mounts, ...facts.fstab]) {
    const target = normalisePath(found.target);
    if (done.has(target) || !isOfInterest(target, found, facts)) continue;
    done.add(target);
    const what = `${target} (${found.fstype ?? "of no known type"}, ${found.source ?? "no source"})`;
    const composed = compose(target, found, facts);
    if (typeof composed === "string") remarks.push(`${what} is not described: ${composed}`);
    else {
      mounts[target] = composed.mount;
      if (composed.lost.length > 0) {
        remarks.push(`${what}: these options are not kept: ${composed.lost.join(",")}`);
      }
    }
  }
  return mounts;
}

/** Where fstab leaves the type to mount(8), it is the disk's. */
function withType(found: FoundMount, facts: Facts): FoundMount {
  if (found.fstype !== "auto") return found;
  return { ...found, fstype: findDisk(found, facts)?.fstype ?? "auto" };
}

function isOfInterest(target: string, found: FoundMount, facts: Facts): boolean {
  if (!target.startsWith("/") || isSystemFolder(target) || RUNTIME.test(target)) return false;
  if (isFolderAgain(found)) return false;
  // A mount of another type belongs to a person only if fstab names it.
  const type = found.fstype ?? "";
  return TYPES.includes(type) || (facts.fstab.includes(found) && !NO_DATA.test(type));
}

/** A folder that is mounted a second time, or a part of a file system that is no subvolume. */
function isFolderAgain({ fsroot, options, fstype, source }: FoundMount): boolean {
  if (/(?:^|,)r?bind(?:,|$)/.test(options ?? "") || /\[\/.*\]$/.test(source ?? "")) return true;
  if (fsroot == null || fsroot === "/" || fstype?.startsWith("nfs") === true) return false;
  const subvolume = /(?:^|,)subvol=([^,]*)/.exec(options ?? "")?.[1];
  return subvolume !== fsroot;
}

interface Composed {
  readonly mount: ComposedMount;
  readonly lost: readonly string[];
}

/** The mount, or the reason why it cannot be described. */
function compose(target: string, found: FoundMount, facts: Facts): Composed | string {
  if (!absolutePath.safeParse(target).success) {
    return "its path has characters that are not accepted";
  }
  const type = found.fstype ?? "";
  if (!TYPES.includes(type)) return `its type must be one of ${TYPES.join(", ")}`;
  const sources = listMountSources(found, facts);
  const source = sources.find((each) => mountSchema.safeParse({ source: each, type }).success);
  if (source === undefined) {
    return "its source has no accepted form: give the file system a UUID or a plain label";
  }
  const inFstab = facts.fstab.includes(found)
    ? found
    : facts.fstab.find((each) => normalisePath(each.target) === target);
  const { kept, lost } = chooseOptions(found, inFstab);
  const mount = { source, type, ...(kept.length > 0 ? { options: kept } : {}) };
  return { mount, lost };
}

/** Disks that hold a file system which nothing mounts: their owner may have forgotten them. */
export function listIdleDisks(
  { disks }: Facts,
  mounts: Readonly<Record<string, ComposedMount>>,
): FoundDisk[] {
  const used = new Set(Object.values(mounts).flatMap(({ source }) => Object.values(source)));
  return disks
    .filter((disk) => TYPES.includes(disk.fstype ?? "") && !disk.mountpoint)
    .filter((disk) => ![disk.uuid, disk.label, disk.path].some((id) => id != null && used.has(id)));
}
