import { buildCluster } from "./stacks/cluster";
import { loadStack } from "./stacks/config";

const stack = buildCluster(loadStack());

// Outputs of the stack: `pulumi stack output kubeconfig --show-secrets`
export const {
  kubeconfig,
  endpoint,
  bootstrap,
  urls,
  grafanaPassword,
  backupPassword,
  validation,
} = stack;
