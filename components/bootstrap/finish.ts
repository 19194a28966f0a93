import * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../node/machine";
import { RemoteStep } from "../remote/remote-step";
import type { ClusterArgs } from "./args";
import type { Cluster } from "./cluster";
import { apiHost } from "./endpoint/address";
import { kubeconfigStep, verifyStep, type ClusterFiles } from "./common-steps";

export interface FinishArgs {
  /** Where the method keeps kubectl and the kubeconfig. */
  readonly files: ClusterFiles;
  /** Changes with each run of the method. */
  readonly revision: string;
}

/** The end of every method, after `installed`: the kubeconfig is read, and the cluster seen to work. */
export function finishCluster(
  parent: pulumi.Resource,
  name: string,
  args: ClusterArgs,
  controller: Machine,
  installed: pulumi.Resource,
  finish: FinishArgs,
): Cluster {
  const endpoint = `https://${apiHost(args)}`;
  const { access } = args;
  const kubeconfig = new RemoteStep(
    `${name}-kubeconfig`,
    {
      machine: controller,
      access,
      step: kubeconfigStep(finish.files, endpoint, finish.revision),
      onDelete: "keep",
      secretOutput: true,
    },
    { parent, dependsOn: [installed] },
  );
  const verified = new RemoteStep(
    `${name}-verify`,
    { machine: controller, access, step: verifyStep(args, finish.files, finish.revision) },
    { parent, dependsOn: [kubeconfig] },
  );
  return {
    kubeconfig: pulumi.secret(kubeconfig.stdout),
    endpoint: pulumi.output(endpoint),
    ready: verified,
  };
}
