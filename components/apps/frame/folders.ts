import type { Machine } from "../../node/machine";
import { readScript, type Step } from "../../remote/step";
import type { AppVolume, LocalVolume } from "./app";

/** The mount point of `machine` that `directory` lies under, the deepest one; undefined on the root disk. */
export function mountPointOf(
  directory: string,
  machine: Pick<Machine, "mounts">,
): string | undefined {
  return Object.keys(machine.mounts)
    .filter((point) => directory === point || directory.startsWith(`${point}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function isLocal(volume: AppVolume): volume is LocalVolume {
  return volume.kind === "local";
}

/** The step that makes an app's folders on its machine, inside mounts that are there; undefined for none. */
export function renderFoldersStep(
  app: string,
  volumes: readonly AppVolume[],
  machine: Pick<Machine, "mounts">,
): Step | undefined {
  const folders = volumes.filter(isLocal).map((v) => {
    const mount = mountPointOf(v.directory, machine) ?? "-";
    return [v.directory, v.owner ?? "-", mount, `vmstation:${v.path}`].join(" ");
  });
  if (folders.length === 0) return undefined;
  return {
    name: `app-${app}`,
    script: readScript(__dirname, "files/folders.sh"),
    libraries: ["files"],
    settings: { FOLDERS: folders },
  };
}
