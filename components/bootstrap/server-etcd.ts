import type { ControlPlaneBackup } from "../backup/types";
import type { Machine } from "../node/machine";
import type { ClusterArgs } from "./args";
import { isServer } from "./turns";

/** How etcd is asked on a server of K3s or RKE2, which keep its certificates alike below their own folder. */
export function etcdOfServer(folder: string): ControlPlaneBackup["access"] {
  return {
    endpoint: "https://127.0.0.1:2379",
    cacert: `${folder}/tls/etcd/server-ca.crt`,
    cert: `${folder}/tls/etcd/client.crt`,
    key: `${folder}/tls/etcd/client.key`,
  };
}

/** What an installer of K3s or RKE2 is told of etcd's snapshots: where they are, and how many it keeps of its own. */
export function snapshotSettings({ config }: Pick<ClusterArgs, "config">, machine: Machine) {
  const { enabled, keep, directory } = config.etcdSnapshot;
  return { SNAPSHOT_FOLDER: directory, SNAPSHOTS: isServer(machine) && enabled ? keep : 0 };
}
