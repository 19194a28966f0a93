import type { VolumePlace } from "../../components/shared/facts";
import {
  isPackageFolder,
  isSharedFolder,
  isSystemFolder,
  isWithin,
  overlapping,
} from "../../components/shared/folders";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";

/** Each folder that a key names is for data, and nothing else owns it or a folder in it. */
export function folderRules(site: Site): Problem[] {
  return [
    ...systemFolders(site),
    ...hiddenLogins(site),
    ...systemData(site),
    ...sharedData(site),
    ...overlaps(site),
    ...heldMounts(site),
  ];
}

const keyOf = (volume: VolumePlace): string => volume.directoryPath ?? volume.path;

function systemFolders({ machines }: Site): Problem[] {
  return machines.flatMap(({ name, mounts, exports }) =>
    Object.entries({ mounts, exports }).flatMap(([key, folders]) =>
      Object.keys(folders)
        .filter(
          (folder) => isSystemFolder(folder) || (key === "exports" && isPackageFolder(folder)),
        )
        .map((folder) => ({
          path: `machines.${name}.${key}.${folder}`,
          found: `${folder}, a folder of the system itself`,
          accepted: "a folder for data, such as /srv/media or /mnt/media",
        })),
    ),
  );
}

/** A disk over a home hides the keys that its user logs in by. */
function hiddenLogins({ machines }: Site): Problem[] {
  return machines.flatMap(({ name, mounts, sshUser }) => {
    const home = `/home/${sshUser}`;
    if (!(home in mounts)) return [];
    return [
      {
        path: `machines.${name}.mounts.${home}`,
        found: `${home}, where sshd looks for the keys of ${sshUser}, by whom the program logs in`,
        accepted: `a folder in it, such as ${home}/data, or one elsewhere, such as /srv/data`,
      },
    ];
  });
}

function systemData({ facts }: Site): Problem[] {
  return facts.volumes.flatMap((volume) => {
    const found = [volume.configured ?? volume.directory, volume.directory].find(
      (folder) => isSystemFolder(folder) || isPackageFolder(folder),
    );
    if (found === undefined) return [];
    return [
      {
        path: keyOf(volume),
        found: `${found}, a folder of the system itself`,
        accepted: "a folder for data, such as /srv/data or /mnt/data",
      },
    ];
  });
}

/** A folder gets the owner and the mode that its user needs, which locks everybody else out. */
function sharedData({ facts }: Site): Problem[] {
  return facts.volumes
    .filter((volume) => !volume.isShared && isSharedFolder(volume.directory))
    .map((volume) => ({
      path: keyOf(volume),
      found: `${volume.directory}, which others use too: it would belong to ${volume.user} alone`,
      accepted: `a folder in it, such as ${volume.directory}/data`,
    }));
}

interface Pair {
  readonly earlier: VolumePlace;
  readonly later: VolumePlace;
}

/** Two that share files: what one of them owns, moves or deletes is the other's too. Reading what others own is fine. */
function pairs({ facts }: Site): Pair[] {
  return facts.volumes.flatMap((later, i) =>
    facts.volumes
      .slice(0, i)
      .filter((earlier) => earlier.machine === later.machine)
      .filter((earlier) => collide(earlier, later) || collide(later, earlier))
      .map((earlier) => ({ earlier, later })),
  );
}

function collide(owned: VolumePlace, other: VolumePlace): boolean {
  if (owned.isShared) return false;
  return other.isShared
    ? isWithin(other.directory, owned.directory)
    : overlapping(owned.directory, other.directory);
}

function overlaps(site: Site): Problem[] {
  return pairs(site).map(({ earlier, later }) => ({
    path: keyOf(later),
    found:
      earlier.directory === later.directory
        ? `${later.directory}, which vmstation:${keyOf(earlier)} has too, for ${earlier.user}`
        : `${later.directory}, which overlaps vmstation:${keyOf(earlier)} ${earlier.directory}, for ${earlier.user}`,
    accepted: "a folder that nothing else uses, that lies in no such folder and holds none",
  }));
}

/** A mount or an export in the middle of what somebody owns would be theirs to move, to delete and to back up. */
function heldMounts({ machines, facts }: Site): Problem[] {
  return facts.volumes
    .filter((volume) => !volume.isShared)
    .flatMap((volume) => {
      const machine = machines.find(({ name }) => name === volume.machine);
      return Object.entries({ mounts: machine?.mounts ?? {}, exports: machine?.exports ?? {} })
        .flatMap(([key, folders]) => Object.keys(folders).map((folder) => ({ key, folder })))
        .filter(({ folder }) => folder !== volume.directory && isWithin(folder, volume.directory))
        .map(({ key, folder }) => ({
          path: keyOf(volume),
          found: `${volume.directory} for ${volume.user}, which holds machines.${volume.machine}.${key}.${folder}`,
          accepted: "a folder that holds no mount point and no export",
        }));
    });
}
