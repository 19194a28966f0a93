import type { Machine } from "../node/machine";

/** A machine as the backups see it. */
export type BackupMachine = Pick<
  Machine,
  | "name"
  | "address"
  | "sshPort"
  | "sshUser"
  | "hostKey"
  | "mac"
  | "sleeps"
  | "offline"
  | "roles"
  | "mounts"
>;

/** How the bootstrap method runs etcd on the controller, and what a rebuilt control plane has to have again. */
export interface ControlPlaneBackup {
  /** Files that etcdctl logs in with. */
  readonly access: {
    readonly endpoint: string;
    readonly cacert: string;
    readonly cert: string;
    readonly key: string;
  };
  readonly member:
    | {
        /** A service whose environment file says how etcd runs, or a static pod whose manifest does. */
        readonly kind: "unit" | "pod";
        readonly file: string;
        readonly unit: string;
        /** Folder of the static pods that use etcd. */
        readonly manifests: string;
      }
    /** RKE2 and K3s restore their etcd themselves, by this program. */
    | { readonly kind: "rke2"; readonly program: string; readonly unit: string };
  /** Certificates, keys and the bootstrap's own record; those that are there are kept. */
  readonly files: readonly string[];
  readonly kubectl: { readonly program: string; readonly kubeconfig: string };
}
