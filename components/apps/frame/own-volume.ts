import type { AppVolume } from "./app";

/** What a user says of an app's own data: where it lies, and how much it may be. */
export interface OwnData {
  readonly path: string;
  readonly size: number;
  readonly storageClass?: string | undefined;
}

/** A folder on the app's machine, or a claim where a storage class is named; `key` is that of the configuration. */
export function ownVolume(
  name: string,
  key: string,
  data: OwnData,
  uid: number,
  isKeptElsewhere?: true,
): AppVolume {
  const { path: directory, size, storageClass } = data;
  return storageClass === undefined
    ? {
        kind: "local",
        name,
        path: `${key}.path`,
        directory,
        size,
        owner: `${uid}:${uid}`,
        readOnly: false,
      }
    : {
        ...{ kind: "claim", name, path: `${key}.storageClass`, size, storageClass },
        ...(isKeptElsewhere && { isKeptElsewhere }),
        readOnly: false,
      };
}

/** The folder that a backup must hold; a claim says by itself whether it can be held. */
export function ownBackups({ path, storageClass }: OwnData): string[] {
  return storageClass === undefined ? [path] : [];
}
