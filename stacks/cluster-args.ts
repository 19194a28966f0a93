import type { ClusterArgs } from "../components/bootstrap/args";
import { clusterNetworkOf } from "../components/network/addresses";
import { calicoResources } from "../components/network/facts";
import type { RemoteAccess } from "../components/remote/machine";
import { firstOf, longestWake, type Site } from "./site";

/** What the bootstrap of a stack is given: by `up`, and by each verb that has to know what `up` does. */
export function clusterArgs(site: Site, access: RemoteAccess): ClusterArgs {
  const { config, machines } = site;
  return {
    clusterName: config.cluster.name,
    machines,
    controller: firstOf(site),
    access,
    network: clusterNetworkOf(site.network, config.lan.cidr),
    broadcast: config.lan.broadcast,
    wakeTimeout: longestWake(site),
    config: config.bootstrap,
    awaitedResources: calicoResources,
  };
}
