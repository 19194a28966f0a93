import type * as pulumi from "@pulumi/pulumi";
import type { ClusterArgs } from "./args";
import type { Cluster } from "./cluster";
import { Endpoint, ENDPOINT } from "./endpoint/endpoint";
import { methodOf } from "./methods";

export type { ClusterArgs } from "./args";

/** The API server's virtual address; undefined where the configuration names none. The cluster comes after it. */
export function createEndpoint(
  cluster: ClusterArgs,
  opts?: pulumi.ComponentResourceOptions,
): Endpoint | undefined {
  const { endpoint: config } = cluster.config;
  const { endpoint: api } = methodOf(cluster.config);
  if (config === undefined || api === undefined) return undefined;
  return new Endpoint(ENDPOINT, { cluster, config, api }, opts);
}

/** The cluster, by the method that the configuration names. */
export function createCluster(
  name: string,
  args: ClusterArgs,
  opts?: pulumi.ComponentResourceOptions,
): Cluster {
  return methodOf(args.config).create(name, args, opts);
}
