/** The bootstrap as the real program makes it, without what comes before and after. */
import { createCluster } from "../../../../components/bootstrap/bootstrap";
import { createAccess } from "../../../../stacks/access";
import { loadStack } from "../../../../stacks/config";

const stack = loadStack();
const { config, machines, clusterDns } = stack.site;

const cluster = createCluster("bootstrap", {
  clusterName: config.cluster.name,
  machines,
  access: createAccess(stack),
  network: { ...config.network, clusterDns },
  broadcast: config.lan.broadcast,
  wakeTimeout: config.power.wakeTimeout,
  config: config.bootstrap,
});

export const { kubeconfig, endpoint, record } = cluster;
