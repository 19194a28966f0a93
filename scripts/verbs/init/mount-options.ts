import { machineSchema } from "../../../components/node/config";
import type { FoundMount } from "./facts";

/** What decides which part is mounted, who may write, and how: kept. */
const KEPT =
  /^(?:ro|noexec|nosuid|nodev|subvol=|subvolid=|compress(?:-force)?(?:=|$)|degraded$|(?:nfs)?vers=|sec=|uid=|gid=|umask=|discard|usrquota|grpquota|prjquota|pquota|uquota|gquota|quota|acl$|norecovery)/;

/** What the program's own units say, or what is the default anyway. */
const OURS =
  /^(?:defaults|rw|auto|noauto|nofail|fail|_netdev|noatime|relatime|nodiratime|async|exec|suid|dev|nouser|x-[\w.-]+(?:=.*)?|comment=.*|soft|hard|intr|nointr|bg|fg|timeo=.*|retrans=.*|rsize=.*|wsize=.*|proto=.*|tcp|retry=.*|errors=.*|space_cache.*|inode64|attr2|logbufs=.*|logbsize=.*|noquota|seclabel)$/;

const optionSchema = machineSchema.shape.mounts.unwrap().valueType.shape.options.unwrap().element;

/** fstab's options, as its owner wrote them; of what only the kernel tells, which part it is and whether it is read-only. */
export function chooseOptions(
  found: FoundMount,
  inFstab: FoundMount | undefined,
): { readonly kept: string[]; readonly lost: string[] } {
  const written = split(inFstab?.options);
  const shown = split(found === inFstab ? "" : found.options).filter(
    (option) => (option === "ro" && inFstab === undefined) || isPart(option, found),
  );
  const names = new Set(written.map(nameOf));
  const all = [...written, ...shown.filter((option) => !names.has(nameOf(option)))];
  const kept = all.filter((option) => KEPT.test(option) && optionSchema.safeParse(option).success);
  const lost = all.filter((option) => !kept.includes(option) && !OURS.test(option));
  return { kept: [...new Set(kept)], lost };
}

/** A subvolume by its name: the kernel tells its number as well, which says no more. The top level is the default. */
function isPart(option: string, { fstype }: FoundMount): boolean {
  return fstype === "btrfs" && option.startsWith("subvol=") && option !== "subvol=/";
}

function split(options: string | null | undefined): string[] {
  return (options ?? "").split(",").filter((option) => option !== "");
}

function nameOf(option: string): string {
  return option.replace(/=.*$/, "").replace(/^subvolid$/, "subvol");
}
