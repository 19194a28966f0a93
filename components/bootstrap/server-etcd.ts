import type { ControlPlaneBackup } from "../backup/types";

/** How etcd is asked on a server of K3s or RKE2, which keep its certificates alike below their own folder. */
export function etcdOfServer(folder: string): ControlPlaneBackup["access"] {
  return {
    endpoint: "https://127.0.0.1:2379",
    cacert: `${folder}/tls/etcd/server-ca.crt`,
    cert: `${folder}/tls/etcd/client.crt`,
    key: `${folder}/tls/etcd/client.key`,
  };
}
