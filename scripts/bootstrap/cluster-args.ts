import type { ClusterArgs } from "../../components/bootstrap/args";
import type { KubesprayArgs } from "../../components/bootstrap/kubespray/render-wanted";
import type { Site } from "../../stacks/site";
import { UserError } from "../user-error";

/** What the stack's bootstrap is given, as stacks/cluster.ts gives it. */
export function clusterArgs(site: Site): ClusterArgs {
  const { config, machines, clusterDns } = site;
  return {
    clusterName: config.cluster.name,
    machines,
    access: { settings: config.remote },
    network: { ...config.network, clusterDns },
    broadcast: config.lan.broadcast,
    wakeTimeout: config.power.wakeTimeout,
    config: config.bootstrap,
  };
}

/** The same of a cluster by Kubespray; another method is refused with what to do there. */
export function kubesprayArgs(site: Site, instead: string): KubesprayArgs {
  const args = clusterArgs(site);
  const { config } = args;
  if (config.method === "kubespray") return { ...args, config };
  throw new UserError(
    `The cluster's method is ${config.method}, which has no playbooks: ${instead}`,
  );
}
