import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Machine } from "../../node/machine";
import { RemoteStep } from "../../remote/remote-step";
import { digestOf } from "../args";
import type { Cluster } from "../cluster";
import { nodesStep } from "../common-steps";
import { finishCluster } from "../finish";
import { arrivalsStep, type MembersArgs } from "../members";
import { renderFixedRecord, warnOfRefusal } from "../preview-fixed";
import { sayMembers } from "../preview-members";
import { oneAfterAnother } from "../turns";
import { fixed } from "./fixed";
import type { Rke2Args } from "./render-config";
import { agentTurn, FILES, rke2Step } from "./steps";

const MEMBERS: MembersArgs = { files: FILES, serverService: "rke2-server" };

/** The cluster by RKE2: one server starts it, the other machines register; RKE2's own Calico chart. */
export class Rke2 extends pulumi.ComponentResource implements Cluster {
  readonly kubeconfig: pulumi.Output<string>;
  readonly endpoint: pulumi.Output<string>;
  readonly ready: pulumi.Resource;
  readonly record: pulumi.Output<string>;

  constructor(name: string, args: Rke2Args, opts?: pulumi.ComponentResourceOptions) {
    super("vmstation:bootstrap:Rke2", name, {}, opts);
    const kept = fixed(args);
    warnOfRefusal(kept, args, this);
    sayMembers(args, this);
    const { controller } = args;
    const token = this.token(name);
    const last = oneAfterAnother(args, {
      install: (machine, before) => this.start(name, args, controller, machine, token, before),
      turn: (machine, turn, before) => this.turn(name, args, machine, turn, before),
      arrivals: (before) => this.arrivals(name, args, before),
    });
    const labelled = new RemoteStep(
      `${name}-nodes`,
      {
        machine: controller,
        access: args.access,
        step: nodesStep(args, MEMBERS),
        onDelete: "keep",
      },
      { parent: this, dependsOn: last },
    );
    const cluster = finishCluster(this, name, args, controller, labelled, {
      files: FILES,
      revision: digestOf([args.config, args.machines.map((m) => m.name).sort()]),
    });

    this.kubeconfig = cluster.kubeconfig;
    this.endpoint = cluster.endpoint;
    this.ready = cluster.ready;
    // Once every machine is part of the cluster.
    this.record = labelled.stdout.apply(() => renderFixedRecord(kept, args.machines));
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

  private arrivals(name: string, args: Rke2Args, dependsOn: pulumi.Resource[]): RemoteStep {
    const { controller, access } = args;
    return new RemoteStep(
      `${name}-arrivals`,
      { machine: controller, access, step: arrivalsStep(args, MEMBERS), onDelete: "keep" },
      { parent: this, dependsOn },
    );
  }

  private turn(
    name: string,
    args: Rke2Args,
    machine: Machine,
    turn: "leaves" | "is back",
    dependsOn: pulumi.Resource[],
  ): RemoteStep {
    const { controller, access } = args;
    const step = agentTurn(args, machine, turn);
    return new RemoteStep(
      `${name}-${turn === "leaves" ? "drain" : "uncordon"}-${machine.name}`,
      { machine: controller, access, step, onDelete: "keep" },
      { parent: this, dependsOn },
    );
  }
}
