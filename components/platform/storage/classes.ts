import type * as k8s from "@pulumi/kubernetes";
import { claimFolder } from "../../shared/claims";
import type { StorageConfig } from "./config";
import { NAMESPACES } from "./names";

export const CEPH_SECRET = "ceph-client";

/** By these names classes and claims know what makes their volumes. */
export const PROVISIONERS = {
  local: "rancher.io/local-path",
  nfs: "nfs.csi.k8s.io",
  ceph: "rbd.csi.ceph.com",
} as const;

const DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

/** `hard`: where the server is away a write waits; with `soft` it would be lost. */
const NFS_OPTIONS = ["nfsvers=4.2", "hard", "noatime", "nodev", "nosuid"];

export type StorageClassArgs = k8s.types.input.storage.v1.StorageClass & {
  readonly metadata: { readonly name: string };
  readonly provisioner: string;
};

interface ClassArgs {
  readonly provisioner: string;
  readonly className: string;
  readonly isDefault: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Data outlives its claim: what is to go is deleted by a person. */
function renderClass({ provisioner, className, isDefault, annotations = {} }: ClassArgs) {
  return {
    metadata: {
      name: className,
      annotations: { [DEFAULT_CLASS]: String(isDefault), ...annotations },
    },
    provisioner,
    reclaimPolicy: "Retain",
  };
}

/** The classes that the configuration names; `server` is the address of the NFS server. */
export function renderClasses(config: StorageConfig, server: string): StorageClassArgs[] {
  const { local, nfs, ceph } = config;
  return [
    ...(local === undefined ? [] : [renderLocal(local)]),
    ...(nfs === undefined ? [] : [renderNfs(nfs, server)]),
    ...(ceph === undefined ? [] : [renderCeph(ceph)]),
  ];
}

function renderLocal(local: NonNullable<StorageConfig["local"]>): StorageClassArgs {
  return {
    ...renderClass({
      provisioner: PROVISIONERS.local,
      className: local.className,
      isDefault: local.default,
      // A local volume: the kubelet sets its group for the pod, which it does not do for a hostPath.
      annotations: { defaultVolumeType: "local" },
    }),
    parameters: {
      pathPattern: claimFolder("{{ .PVC.Namespace }}", "{{ .PVC.Name }}"),
      // It wants a folder for each namespace. There the kubelet, not our script, would decide whether the disk is there.
      allowUnsafePathPattern: "true",
    },
    volumeBindingMode: "WaitForFirstConsumer",
    allowedTopologies: [
      {
        matchLabelExpressions: [
          { key: "kubernetes.io/hostname", values: [...local.machines].sort() },
        ],
      },
    ],
  };
}

function renderNfs(nfs: NonNullable<StorageConfig["nfs"]>, server: string): StorageClassArgs {
  return {
    ...renderClass({
      provisioner: PROVISIONERS.nfs,
      className: nfs.className,
      isDefault: nfs.default,
    }),
    parameters: {
      server,
      share: nfs.path,
      subDir: claimFolder("${pvc.metadata.namespace}", "${pvc.metadata.name}"),
      onDelete: "retain",
      // The server takes everybody's root for nobody, who cannot give a folder away.
      mountPermissions: "0777",
    },
    volumeBindingMode: "Immediate",
    mountOptions: NFS_OPTIONS,
  };
}

function renderCeph(ceph: NonNullable<StorageConfig["ceph"]>): StorageClassArgs {
  const secrets = ["provisioner", "controller-expand", "node-stage"].flatMap((use) => [
    [`csi.storage.k8s.io/${use}-secret-name`, CEPH_SECRET],
    [`csi.storage.k8s.io/${use}-secret-namespace`, NAMESPACES.ceph],
  ]);
  return {
    ...renderClass({
      provisioner: PROVISIONERS.ceph,
      className: ceph.className,
      isDefault: ceph.default,
    }),
    parameters: {
      clusterID: ceph.fsid,
      pool: ceph.pool,
      // What every kernel's client knows.
      imageFeatures: "layering",
      "csi.storage.k8s.io/fstype": "ext4",
      ...(Object.fromEntries(secrets) as Record<string, string>),
    },
    volumeBindingMode: "Immediate",
    allowVolumeExpansion: true,
    mountOptions: ["discard"],
  };
}
