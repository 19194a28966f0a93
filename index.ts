import { buildCluster } from "./stacks/cluster";
import { loadStack } from "./stacks/config";

const outputs = Object.entries(buildCluster(loadStack()));

// Outputs of the stack: `pulumi stack output kubeconfig --show-secrets`. Of one that is undefined, as a method or a
// layer that is left out has none, the SDK would warn.
export = Object.fromEntries(outputs.filter(([, value]) => value !== undefined));
