import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { CLAIM_ANNOTATIONS } from "../shared/claims";
import { findMount } from "../shared/mounts";
import type { Machine } from "../node/machine";
import type { RemoteAccess } from "../remote/machine";
import { RemoteStep } from "../remote/remote-step";
import { readScript, type Step } from "../remote/step";
import { renderQuantity } from "../shared/units";
import type { CommonConfig } from "./config";
import { NAMESPACE } from "./names";

export const STORAGE_CLASS = "monitoring-local";

/** The class of the volumes: of the platform where the configuration names one, else our own of folders. */
export function storageClassOf({ storageClass }: Pick<CommonConfig, "storageClass">): string {
  return storageClass ?? STORAGE_CLASS;
}

/** One volume on the monitoring machine. */
export interface LocalVolume {
  /** "prometheus"; also the name of its folder and of its backups. */
  readonly name: string;
  /** What uses it, in the user's words. */
  readonly user: string;
  /** Name of the claim, as the chart's pod asks for it. */
  readonly claim: string;
  /** The pods that have it mounted. */
  readonly pods: Readonly<Record<string, string>>;
  readonly bytes: number;
  /** Numeric user and group that its pod runs as, by the chart. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Names below it that the backups leave out, as a copy of a file that is being written would be damaged. */
  readonly leaveOut: readonly string[];
  /** Whether SQLite databases are in use in it. */
  readonly hasDatabases: boolean;
}

/** Absolute path of its folder on the machine. */
export function directoryOf(
  { name }: LocalVolume,
  { directory }: Pick<CommonConfig, "directory">,
): string {
  return `${directory}/${name}`;
}

/** The step that makes the volumes' folders, only inside the mount that the configuration names. */
export function renderVolumeFolders(
  machine: Pick<Machine, "mounts">,
  config: Pick<CommonConfig, "directory">,
  volumes: readonly LocalVolume[],
): Step {
  return {
    name: "monitoring-volumes",
    script: readScript(__dirname, "files/volume-folders.sh"),
    libraries: ["files", "mounts"],
    settings: {
      MOUNT_POINT: findMount(Object.keys(machine.mounts), config.directory) ?? "",
      BASE: config.directory,
      FOLDERS: volumes.map(
        (volume) => `${directoryOf(volume, config)} ${volume.owner.uid}:${volume.owner.gid}`,
      ),
    },
  };
}

export function renderPersistentVolume(
  volume: LocalVolume,
  config: CommonConfig,
): kubernetes.core.v1.PersistentVolumeArgs {
  return {
    metadata: { name: `${NAMESPACE}-${volume.name}` },
    spec: {
      capacity: { storage: renderQuantity(volume.bytes) },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: STORAGE_CLASS,
      local: { path: directoryOf(volume, config) },
      // Only this claim may bind it, so that the same part finds its data after a reinstallation.
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        namespace: NAMESPACE,
        name: volume.claim,
      },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: "kubernetes.io/hostname", operator: "In", values: [config.machine] },
              ],
            },
          ],
        },
      },
    },
  };
}

export function renderClaim(
  volume: LocalVolume,
  config: Pick<CommonConfig, "storageClass">,
): kubernetes.core.v1.PersistentVolumeClaimArgs {
  return {
    metadata: {
      name: volume.claim,
      namespace: NAMESPACE,
      annotations: CLAIM_ANNOTATIONS,
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: storageClassOf(config),
      ...(config.storageClass === undefined ? { volumeName: `${NAMESPACE}-${volume.name}` } : {}),
      resources: { requests: { storage: renderQuantity(volume.bytes) } },
    },
  };
}

/**
 * The folders, the storage class, and a volume with its claim for each part. The claims are ours rather than
 * the charts', so that removing a release never removes the claim on its data. Returns the claims.
 */
export function createVolumes(
  parentName: string,
  args: {
    machine: Machine;
    access: RemoteAccess;
    config: CommonConfig;
    volumes: readonly LocalVolume[];
  },
  opts: pulumi.CustomResourceOptions,
): readonly kubernetes.core.v1.PersistentVolumeClaim[] {
  if (args.config.storageClass !== undefined)
    return args.volumes.map((volume) => createClaim(parentName, volume, args.config, opts));
  const folders = new RemoteStep(
    `${parentName}-volume-folders`,
    {
      machine: args.machine,
      access: args.access,
      step: renderVolumeFolders(args.machine, args.config, args.volumes),
    },
    opts,
  );
  const storageClass = new kubernetes.storage.v1.StorageClass(
    `${parentName}-storage-class`,
    {
      metadata: { name: STORAGE_CLASS },
      provisioner: "kubernetes.io/no-provisioner",
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy: "Retain",
    },
    opts,
  );
  return args.volumes.map((volume) => {
    const persistent = new kubernetes.core.v1.PersistentVolume(
      `${parentName}-${volume.name}-volume`,
      renderPersistentVolume(volume, args.config),
      { ...opts, dependsOn: [folders, storageClass] },
    );
    return createClaim(parentName, volume, args.config, { ...opts, dependsOn: [persistent] });
  });
}

function createClaim(
  parentName: string,
  volume: LocalVolume,
  config: CommonConfig,
  opts: pulumi.CustomResourceOptions,
): kubernetes.core.v1.PersistentVolumeClaim {
  const name = `${parentName}-${volume.name}-claim`;
  return new kubernetes.core.v1.PersistentVolumeClaim(name, renderClaim(volume, config), opts);
}
