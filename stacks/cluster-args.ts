import type { ClusterArgs } from "../components/bootstrap/args";
import { calicoResources } from "../components/network/facts";
import type { RemoteAccess } from "../components/remote/machine";
import { controllerOf, longestWake, type Site } from "./site";

/** What the bootstrap of a stack is given: by `up`, and by each verb that has to know what `up` does. */
export function clusterArgs(site: Site, access: RemoteAccess): ClusterArgs {
  const { config, machines, clusterDns } = site;
  return {
    clusterName: config.cluster.name,
    machines,
    controller: controllerOf(site),
    access,
    network: { ...config.network, clusterDns },
    broadcast: config.lan.broadcast,
    wakeTimeout: longestWake(site),
    config: config.bootstrap,
    awaitedResources: calicoResources,
  };
}
