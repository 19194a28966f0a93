import type { Machine } from "../../node/machine";
import { readScript, type Step } from "../../remote/step";
import { findMount } from "../../shared/mounts";
import type { AppVolume, LocalVolume } from "./app";

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
    const mount = findMount(Object.keys(machine.mounts), v.directory) ?? "-";
    return [v.directory, v.owner ?? "-", mount, `vmstation:${v.path}`].join(" ");
  });
  if (folders.length === 0) return undefined;
  return {
    name: `app-${app}`,
    script: readScript(__dirname, "files/folders.sh"),
    libraries: ["files", "mounts"],
    settings: { FOLDERS: folders },
  };
}
