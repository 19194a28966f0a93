import type { Machine } from "../../node/machine";
import { readScript, type Step } from "../../remote/step";
import { findMount } from "../../shared/mounts";

/** Says that the folder is the class's own; see files/setup.sh. */
export const MARK = ".vmstation-volumes";

export interface VolumesFolder {
  readonly className: string;
  readonly path: string;
  /** "UID:GID" that it gets where it is new. */
  readonly owner: string;
  /** The configuration key that names it. */
  readonly key: string;
}

/** The step that makes the folder of a class on a machine, inside a mount that is there. */
export function renderFolderStep(folder: VolumesFolder, machine: Pick<Machine, "mounts">): Step {
  return {
    name: `storage-${folder.className}`,
    script: readScript(__dirname, "files/folder.sh"),
    libraries: ["files", "mounts"],
    settings: {
      FOLDER: folder.path,
      MODE: "0711",
      OWNER: folder.owner,
      MOUNT: findMount(Object.keys(machine.mounts), folder.path) ?? "-",
      KEY: `vmstation:${folder.key}`,
    },
    files: [
      {
        path: `${folder.path}/${MARK}`,
        content: `Volumes of the storage class ${folder.className}: one folder for each claim, NAMESPACE_CLAIM.\n`,
      },
    ],
  };
}
