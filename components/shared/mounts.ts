/** The longest of a machine's mount points that `folder` lies in; undefined where it is on the root disk. */
export function findMount(mounts: readonly string[], folder: string): string | undefined {
  return mounts
    .filter((mount) => folder === mount || folder.startsWith(`${mount.replace(/\/$/, "")}/`))
    .sort((a, b) => b.length - a.length)[0];
}
