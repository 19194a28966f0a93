import type { ChartReleaseSpec } from "../../shared/chart-release";
import { renderRepository, type ChartSources } from "../../shared/charts";
import type { Values } from "../../shared/json";
import { EVERYWHERE, renderResources, smallResources } from "../../shared/placement";
import type { Resources } from "../../shared/scalars";
import { platformCharts } from "../../versions";
import { renderPlatformPlacement } from "../place";
import type { CephConfig } from "./config";

export interface DriverSite {
  /** Machines that never sleep: what makes volumes runs there. */
  readonly steady: readonly string[];
  readonly charts: Pick<ChartSources, "imageRegistry">;
}

const SIDECAR = smallResources(20, 64);
const DRIVER = smallResources(32, 256);

/** What the drivers may use at most, in all: on each machine, and on the one that makes volumes. */
export const DRIVER_MEMORY = {
  nfs: {
    everywhere: sum(SIDECAR, SIDECAR, DRIVER),
    controller: sum(SIDECAR, SIDECAR, SIDECAR, DRIVER),
  },
  ceph: {
    everywhere: sum(SIDECAR, DRIVER),
    controller: sum(SIDECAR, SIDECAR, SIDECAR, SIDECAR, DRIVER),
  },
} as const;

function sum(...containers: readonly Resources[]): number {
  return containers.reduce((all, { limits }) => all + limits.memory, 0);
}

export function renderNfsRelease({ steady, charts }: DriverSite): ChartReleaseSpec {
  const sidecar = renderResources(SIDECAR);
  const driver = renderResources(DRIVER);
  const registry = charts.imageRegistry;
  return {
    release: "csi-driver-nfs",
    pin: platformCharts.csiDriverNfs,
    // A machine that is away for a while must not undo the release.
    daemonSet: true,
    values: {
      ...(registry === undefined
        ? {}
        : { image: { baseRepo: registry, nfs: { repository: "/sig-storage/nfsplugin" } } }),
      // A new folder is open to every user: the server lets nobody give it away.
      feature: { enableFSGroupPolicy: false },
      controller: {
        replicas: 1,
        // Snapshots of NFS are archives in the same folder.
        enableSnapshotter: false,
        defaultOnDeletePolicy: "retain",
        ...renderPlatformPlacement(steady),
        resources: {
          csiProvisioner: sidecar,
          csiResizer: sidecar,
          livenessProbe: sidecar,
          nfs: driver,
        },
      },
      node: {
        tolerations: EVERYWHERE,
        resources: { livenessProbe: sidecar, nodeDriverRegistrar: sidecar, nfs: driver },
      },
    },
  };
}

export function renderCephRelease(
  config: CephConfig,
  { steady, charts }: DriverSite,
): ChartReleaseSpec {
  const sidecar = renderResources(SIDECAR);
  const driver = renderResources(DRIVER);
  const image = (repository: string) =>
    charts.imageRegistry === undefined
      ? {}
      : { image: { repository: renderRepository(repository, charts) } };
  const csi = (name: string) => ({
    ...image(`registry.k8s.io/sig-storage/${name}`),
    resources: sidecar,
  });
  const plugin = { ...image("quay.io/cephcsi/cephcsi"), resources: driver };
  const values: Values = {
    csiConfig: [{ clusterID: config.fsid, monitors: [...config.monitors] }],
    // Class and Secret are objects of ours, so that the key stands in no values of Helm's.
    storageClass: { create: false },
    secret: { create: false },
    logLevel: 1,
    nodeplugin: {
      registrar: csi("csi-node-driver-registrar"),
      plugin,
      tolerations: EVERYWHERE,
      httpMetrics: { enabled: false },
    },
    provisioner: {
      // The chart wants three, each on a machine of its own.
      replicaCount: 1,
      httpMetrics: { enabled: false },
      provisioner: csi("csi-provisioner"),
      attacher: csi("csi-attacher"),
      resizer: csi("csi-resizer"),
      snapshotter: csi("csi-snapshotter"),
      ...renderPlatformPlacement(steady),
    },
  };
  return {
    release: "ceph-csi-rbd",
    pin: platformCharts.cephCsiRbd,
    daemonSet: true,
    values,
  };
}
