import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Machine } from "../../node/machine";
import { RemoteStep } from "../../remote/remote-step";
import { byName, digestOf } from "../args";
import type { Cluster } from "../cluster";
import { nodesStep } from "../common-steps";
import { finishCluster } from "../finish";
import { renderFixedRecord, warnOfRefusal } from "../preview-fixed";
import { fixed } from "./fixed";
import type { Rke2Args } from "./render-config";
import { rke2Step } from "./steps";

const FILES = {
  kubectl: "/var/lib/rancher/rke2/bin/kubectl",
  kubeconfig: "/etc/rancher/rke2/rke2.yaml",
};

/** The cluster by RKE2: one server starts it, the other machines register; RKE2's own Calico chart. */
export class Rke2 extends pulumi.ComponentResource implements Cluster {
  readonly kubeconfig: pulumi.Output<string>;
  readonly endpoint: pulumi.Output<string>;
  readonly ready: pulumi.Resource;
  readonly record: pulumi.Output<string>;

  constructor(name: string, args: Rke2Args, opts?: pulumi.ComponentResourceOptions) {
    super("vmstation:bootstrap:Rke2", name, {}, opts);
    const kept = fixed(args);
    warnOfRefusal(kept, this);
    const { controller } = args;
    const others = byName(args.machines).filter((machine) => machine.name !== controller.name);

    const token = this.token(name);
    const first = this.start(name, args, controller, controller, token, []);
    const joined = others.map((m) => this.start(name, args, controller, m, token, [first]));
    const labelled = new RemoteStep(
      `${name}-nodes`,
      { machine: controller, access: args.access, step: nodesStep(args, FILES), onDelete: "keep" },
      { parent: this, dependsOn: [first, ...joined] },
    );
    const cluster = finishCluster(this, name, args, controller, labelled, {
      files: FILES,
      revision: digestOf([args.config, args.machines.map((m) => m.name).sort()]),
      port: args.config.apiServerPort,
    });

    this.kubeconfig = cluster.kubeconfig;
    this.endpoint = cluster.endpoint;
    this.ready = cluster.ready;
    // Once every machine is part of the cluster.
    this.record = labelled.stdout.apply(() => renderFixedRecord(kept));
    this.registerOutputs({ kubeconfig: this.kubeconfig, endpoint: this.endpoint });
  }

  /** The secret that machines register with; a lost one locks every further machine out. */
  private token(name: string): pulumi.Output<string> {
    const password = new random.RandomPassword(
      `${name}-token`,
      { length: 48, special: false },
      { parent: this },
    );
    return password.result;
  }

  private start(
    name: string,
    args: Rke2Args,
    controller: Machine,
    machine: Machine,
    token: pulumi.Output<string>,
    dependsOn: pulumi.Resource[],
  ): RemoteStep {
    return new RemoteStep(
      `${name}-rke2-${machine.name}`,
      {
        machine,
        access: args.access,
        step: token.apply((secret) => rke2Step(args, controller, machine, secret)),
        onDelete: "keep",
      },
      { parent: this, dependsOn, retainOnDelete: true },
    );
  }
}
