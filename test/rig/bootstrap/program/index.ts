/** The bootstrap as the real program makes it, without what comes before and after. */
import { createCluster } from "../../../../components/bootstrap/bootstrap";
import { createAccess } from "../../../../stacks/access";
import { clusterArgs } from "../../../../stacks/cluster-args";
import { loadStack } from "../../../../stacks/config";

const stack = loadStack();
const cluster = createCluster("bootstrap", {
  ...clusterArgs(stack.site, createAccess(stack)),
  // Nothing that the later layers make, and no Calico, is on these machines.
  awaitedResources: [],
});

export const { kubeconfig, endpoint, record } = cluster;
