import type { ClusterArgs } from "../../components/bootstrap/args";
import type { KubesprayArgs } from "../../components/bootstrap/kubespray/render-wanted";
import { clusterArgs as argsOfSite } from "../../stacks/cluster-args";
import type { Site } from "../../stacks/site";
import { UserError } from "./user-error";

/** What the stack's bootstrap is given, without what only `up` needs to reach the machines. */
export function clusterArgs(site: Site): ClusterArgs {
  return argsOfSite(site, { settings: site.config.remote });
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
