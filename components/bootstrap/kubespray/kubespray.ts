import * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../../remote/left-out";
import { RemoteStep } from "../../remote/remote-step";
import { finishCluster } from "../finish";
import type { Cluster } from "../cluster";
import type { Machine } from "../../node/machine";
import { nameSteps } from "./preview";
import { renderWanted, type KubesprayArgs } from "./render-wanted";
import { accessStep, controllerStep, inventoryStep, runDigest, runStep } from "./steps";

/** The cluster by Kubespray, run on the first control plane; it installs Calico as well. */
export class Kubespray extends pulumi.ComponentResource implements Cluster {
  readonly kubeconfig: pulumi.Output<string>;
  readonly endpoint: pulumi.Output<string>;
  readonly ready: pulumi.Resource;
  readonly record: pulumi.Output<string>;

  constructor(name: string, args: KubesprayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmstation:bootstrap:Kubespray", name, {}, opts);
    const { controller } = args;

    this.explain(args, controller);
    const prepared = this.prepareController(name, args, controller);
    const access = this.authorise(name, args, controller, prepared);
    const inventory = this.describe(name, args, controller, prepared);
    const run = this.run(name, args, controller, [...access, inventory]);
    const cluster = finishCluster(this, name, args, controller, run, {
      files: { kubectl: "/usr/local/bin/kubectl", kubeconfig: "/etc/kubernetes/admin.conf" },
      revision: runDigest(args),
    });

    this.kubeconfig = cluster.kubeconfig;
    this.endpoint = cluster.endpoint;
    this.ready = cluster.ready;
    this.record = run.stdout;
    this.registerOutputs({ kubeconfig: this.kubeconfig, endpoint: this.endpoint });
  }

  private explain(args: KubesprayArgs, machine: Machine): void {
    const wanted = renderWanted(args);
    nameSteps({ wanted, intent: runDigest(args), controller: machine.name }, this);
  }

  private prepareController(name: string, args: KubesprayArgs, machine: Machine): RemoteStep {
    return new RemoteStep(
      `${name}-controller`,
      { machine, access: args.access, step: controllerStep(args), onDelete: "keep" },
      { parent: this },
    );
  }

  private authorise(
    name: string,
    args: KubesprayArgs,
    controller: Machine,
    prepared: RemoteStep,
  ): RemoteStep[] {
    return args.machines.map(
      (machine) =>
        new RemoteStep(
          `${name}-access-${machine.name}`,
          {
            machine,
            access: args.access,
            step: prepared.stdout.apply((printed) =>
              whenKnown(printed, (key) => accessStep(key, controller.address, machine.sshUser)),
            ),
          },
          // The controller waits for every machine; one edge here instead of one for each of them.
          { parent: this, dependsOn: [prepared] },
        ),
    );
  }

  private describe(
    name: string,
    args: KubesprayArgs,
    machine: Machine,
    prepared: RemoteStep,
  ): RemoteStep {
    return new RemoteStep(
      `${name}-inventory`,
      { machine, access: args.access, step: inventoryStep(args), onDelete: "keep" },
      { parent: this, dependsOn: [prepared] },
    );
  }

  /** Destroying the stack leaves the cluster as it is: wiping one is a verb that asks for its name. */
  private run(
    name: string,
    args: KubesprayArgs,
    machine: Machine,
    dependsOn: pulumi.Resource[],
  ): RemoteStep {
    return new RemoteStep(
      `${name}-run`,
      { machine, access: args.access, step: runStep(args), onDelete: "keep" },
      { parent: this, dependsOn, retainOnDelete: true },
    );
  }
}
