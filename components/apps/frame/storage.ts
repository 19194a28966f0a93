import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { CLAIM_ANNOTATIONS } from "../../shared/claims";
import { renderQuantity } from "../../shared/units";
import type { AppVolume, PlacedVolume } from "./app";

/** The classes of the apps' volumes. Neither provisions anything: each volume is described one by one. */
export const STORAGE_CLASSES = {
  local: "vmstation-apps-local",
  nfs: "vmstation-apps-nfs",
} as const;

/**
 * Options for a server that may be asleep: `soft` gives up with an error after timeo × (retrans + 1), 40 s,
 * where `hard` would leave processes in an uninterruptible wait (nfs(5)); safe since the mount is read only.
 */
const NFS_OPTIONS = [
  "nfsvers=4.2",
  "ro",
  "soft",
  "timeo=100",
  "retrans=3",
  "noatime",
  "nodev",
  "nosuid",
];

/** What a volume is for: the app that owns it, and where it runs. */
export interface VolumeContext {
  readonly app: string;
  readonly machine: string | undefined;
  /** Address of a machine by its name; undefined if no machine has that name. */
  readonly addressOf: (machine: string) => string | undefined;
}

/** A volume is in no namespace. What two apps would call by one name is refused before anything is touched. */
export const volumeName = (app: string, { name }: Pick<AppVolume, "name">): string =>
  `${app}-${name}`;

/**
 * A volume that only its own claim can bind, before and after a reinstallation: claimRef names the claim,
 * and Retain leaves the data when the claim goes.
 */
export function renderVolume(
  volume: PlacedVolume,
  context: VolumeContext,
): k8s.types.input.core.v1.PersistentVolumeSpec {
  return {
    capacity: { storage: renderQuantity(volume.size) },
    accessModes: [accessMode(volume)],
    persistentVolumeReclaimPolicy: "Retain",
    storageClassName: STORAGE_CLASSES[volume.kind],
    volumeMode: "Filesystem",
    claimRef: {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      namespace: context.app,
      name: volume.name,
    },
    ...(volume.kind === "local"
      ? { local: { path: volume.directory }, nodeAffinity: renderNodeAffinity(context) }
      : {
          nfs: {
            server: context.addressOf(volume.server) ?? volume.server,
            path: volume.directory,
            readOnly: true,
          },
          mountOptions: NFS_OPTIONS,
        }),
  };
}

/** The claim that renderVolume's claimRef names, bound to that volume only; or one that its class makes a volume for. */
export function renderClaim(
  volume: AppVolume,
  app: string,
): k8s.types.input.core.v1.PersistentVolumeClaimSpec {
  return {
    accessModes: [accessMode(volume)],
    ...(volume.kind === "claim"
      ? { storageClassName: volume.storageClass, volumeMode: "Filesystem" }
      : {
          storageClassName: STORAGE_CLASSES[volume.kind],
          volumeMode: "Filesystem",
          volumeName: volumeName(app, volume),
        }),
    resources: { requests: { storage: renderQuantity(volume.size) } },
  };
}

function accessMode(volume: AppVolume): string {
  return volume.readOnly ? "ReadOnlyMany" : "ReadWriteOnce";
}

function renderNodeAffinity({
  app,
  machine,
}: VolumeContext): k8s.types.input.core.v1.VolumeNodeAffinity {
  if (machine === undefined) throw new Error(`apps.${app}: a folder needs a machine`);
  return {
    required: {
      nodeSelectorTerms: [
        {
          matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [machine] }],
        },
      ],
    },
  };
}

/** The storage classes that the volumes need. */
export function createStorageClasses(
  volumes: readonly AppVolume[],
  opts: pulumi.CustomResourceOptions,
): k8s.storage.v1.StorageClass[] {
  return (["local", "nfs"] as const)
    .filter((kind) => volumes.some((volume) => volume.kind === kind))
    .map(
      (kind) =>
        new k8s.storage.v1.StorageClass(
          `apps-storage-${kind}`,
          {
            metadata: { name: STORAGE_CLASSES[kind] },
            provisioner: "kubernetes.io/no-provisioner",
            reclaimPolicy: "Retain",
            volumeBindingMode: "WaitForFirstConsumer",
          },
          opts,
        ),
    );
}

/** A volume and its claim; yields the claim. */
export function createVolume(
  volume: AppVolume,
  context: VolumeContext,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.PersistentVolumeClaim {
  const name = `apps-${context.app}-${volume.name}`;
  const persistentVolume =
    volume.kind === "claim" ? undefined : createPersistentVolume(volume, context, opts);
  return new k8s.core.v1.PersistentVolumeClaim(
    `${name}-claim`,
    {
      metadata: { name: volume.name, namespace: context.app, annotations: CLAIM_ANNOTATIONS },
      spec: renderClaim(volume, context.app),
    },
    persistentVolume === undefined ? opts : { ...opts, dependsOn: persistentVolume },
  );
}

function createPersistentVolume(
  volume: PlacedVolume,
  context: VolumeContext,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.PersistentVolume {
  const name = `apps-${context.app}-${volume.name}`;
  return new k8s.core.v1.PersistentVolume(
    `${name}-volume`,
    {
      metadata: {
        name: volumeName(context.app, volume),
        labels: { "app.kubernetes.io/name": context.app, "app.kubernetes.io/part-of": "vmstation" },
      },
      spec: renderVolume(volume, context),
    },
    opts,
  );
}
