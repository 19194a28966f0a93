import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { CLAIM_ANNOTATIONS } from "../shared/claims";
import { findMount } from "../shared/mounts";
import type { Machine } from "../node/machine";
import type { RemoteAccess } from "../remote/machine";
import { RemoteStep } from "../remote/remote-step";
import { readScript, type Step } from "../remote/step";
import { renderQuantity } from "../shared/units";
import type { MonitoringConfig } from "./config";
import { CLAIMS, NAMESPACE } from "./names";

export const STORAGE_CLASS = "monitoring-local";

/** One volume on the monitoring machine. */
export interface LocalVolume {
  /** "prometheus"; also the name of its folder. */
  readonly name: keyof typeof CLAIMS;
  readonly user: string;
  /** Absolute path of its folder on the machine. */
  readonly directory: string;
  readonly bytes: number;
  /** Numeric user and group that its pod runs as, by the chart. */
  readonly owner: { readonly uid: number; readonly gid: number };
}

/** The volumes of everything that keeps data; owners as in the charts' pod security contexts. */
export function renderVolumes(config: MonitoringConfig): readonly LocalVolume[] {
  const volume = (
    name: LocalVolume["name"],
    user: string,
    bytes: number,
    uid: number,
    gid: number,
  ): LocalVolume => ({
    name,
    user,
    bytes,
    directory: `${config.directory}/${name}`,
    owner: { uid, gid },
  });
  return [
    volume("prometheus", "Prometheus", config.prometheus.volumeSize, 1000, 2000),
    volume("grafana", "Grafana", config.grafana.volumeSize, 472, 472),
    volume("loki", "Loki", config.loki.volumeSize, 10_001, 10_001),
  ];
}

/** The step that makes the volumes' folders, only inside the mount that the configuration promises. */
export function renderVolumeFolders(
  machine: Pick<Machine, "mounts">,
  config: MonitoringConfig,
): Step {
  return {
    name: "monitoring-volumes",
    script: readScript(__dirname, "files/volume-folders.sh"),
    libraries: ["files"],
    settings: {
      MOUNT_POINT: findMount(Object.keys(machine.mounts), config.directory) ?? "",
      BASE: config.directory,
      FOLDERS: renderVolumes(config).map(
        ({ directory, owner }) => `${directory} ${owner.uid}:${owner.gid}`,
      ),
    },
  };
}

export function renderPersistentVolume(
  volume: LocalVolume,
  machine: string,
): kubernetes.core.v1.PersistentVolumeArgs {
  return {
    metadata: { name: `${NAMESPACE}-${volume.name}` },
    spec: {
      capacity: { storage: renderQuantity(volume.bytes) },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: STORAGE_CLASS,
      local: { path: volume.directory },
      // Only its own claim may bind it: after a reinstall the data is found again, by nobody else.
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        namespace: NAMESPACE,
        name: CLAIMS[volume.name],
      },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: "kubernetes.io/hostname", operator: "In", values: [machine] },
              ],
            },
          ],
        },
      },
    },
  };
}

export function renderClaim(volume: LocalVolume): kubernetes.core.v1.PersistentVolumeClaimArgs {
  return {
    metadata: {
      name: CLAIMS[volume.name],
      namespace: NAMESPACE,
      annotations: CLAIM_ANNOTATIONS,
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: STORAGE_CLASS,
      volumeName: `${NAMESPACE}-${volume.name}`,
      resources: { requests: { storage: renderQuantity(volume.bytes) } },
    },
  };
}

/**
 * The folders, the storage class, and a volume with its claim for each part. The claims are ours rather than
 * the charts', so that removing a release never removes the claim on its data. Yields the claims.
 */
export function createVolumes(
  parentName: string,
  args: { machine: Machine; access: RemoteAccess; config: MonitoringConfig },
  opts: pulumi.CustomResourceOptions,
): readonly kubernetes.core.v1.PersistentVolumeClaim[] {
  const folders = new RemoteStep(
    `${parentName}-volume-folders`,
    {
      machine: args.machine,
      access: args.access,
      step: renderVolumeFolders(args.machine, args.config),
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
  return renderVolumes(args.config).map((volume) => {
    const persistent = new kubernetes.core.v1.PersistentVolume(
      `${parentName}-${volume.name}-volume`,
      renderPersistentVolume(volume, args.machine.name),
      { ...opts, dependsOn: [folders, storageClass] },
    );
    return new kubernetes.core.v1.PersistentVolumeClaim(
      `${parentName}-${volume.name}-claim`,
      renderClaim(volume),
      { ...opts, dependsOn: [persistent] },
    );
  });
}
