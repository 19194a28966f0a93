import type { ClusterArgs } from "../../components/bootstrap/args";
import { methodOf } from "../../components/bootstrap/methods";
import type { BootstrapMethod } from "../../components/bootstrap/method";
import { clusterArgs as argsOfSite } from "../../stacks/cluster-args";
import type { Site } from "../../stacks/site";
import { UserError } from "./user-error";

/** What the stack's bootstrap is given, without what only `up` needs to reach the machines. */
export function clusterArgs(site: Site): ClusterArgs {
  return argsOfSite(site, { settings: site.config.remote });
}

/** The error where the stack's method has nothing of the kind: what it is, and what to do instead. */
export function notOf({ name }: BootstrapMethod, what: string, instead: string): UserError {
  return new UserError(`bootstrap.method is ${name}, which has no ${what}. ${instead}`);
}

/** The method by which the stack's cluster is installed. */
export function methodOfSite(site: Site): BootstrapMethod {
  return methodOf(site.config.bootstrap);
}
