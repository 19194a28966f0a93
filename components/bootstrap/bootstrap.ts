import type * as pulumi from "@pulumi/pulumi";
import type { ClusterArgs } from "./args";
import type { Cluster } from "./cluster";
import { methodOf } from "./methods";

export type { ClusterArgs } from "./args";

/** The cluster, by the method that the configuration names. */
export function createCluster(
  name: string,
  args: ClusterArgs,
  opts?: pulumi.ComponentResourceOptions,
): Cluster {
  return methodOf(args.config).create(name, args, opts);
}
