import type * as pulumi from "@pulumi/pulumi";
import type { ClusterArgs } from "./args";
import type { Cluster } from "./cluster";
import { Kubeadm } from "./kubeadm/kubeadm";
import { Kubespray } from "./kubespray/kubespray";
import { Rke2 } from "./rke2/rke2";

export type { ClusterArgs } from "./args";

/** The cluster, by the method that the configuration names. */
export function createCluster(
  name: string,
  args: ClusterArgs,
  opts?: pulumi.ComponentResourceOptions,
): Cluster {
  const { config } = args;
  switch (config.method) {
    case "kubespray":
      return new Kubespray(name, { ...args, config }, opts);
    case "kubeadm":
      return new Kubeadm(name, { ...args, config }, opts);
    case "rke2":
      return new Rke2(name, { ...args, config }, opts);
  }
}
