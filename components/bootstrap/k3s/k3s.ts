import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Machine } from "../../node/machine";
import { RemoteStep } from "../../remote/remote-step";
import type { Step } from "../../remote/step";
import { digestOf } from "../args";
import type { Cluster } from "../cluster";
import { nodesStep } from "../common-steps";
import { finishCluster } from "../finish";
import { arrivalsStep, type MembersArgs } from "../members";
import { renderFixedRecord, warnOfRefusal } from "../preview-fixed";
import { sayMembers } from "../preview-members";
import { oneAfterAnother } from "../turns";
import { fixed } from "./fixed";
import type { K3sArgs, Tokens } from "./render-config";
import { agentTurn, FILES, k3sStep } from "./steps";

const MEMBERS: MembersArgs = { files: FILES, serverService: "k3s" };

/** The cluster by K3s: one server starts it, the others join one after another; Calico's operator. */
export class K3s extends pulumi.ComponentResource implements Cluster {
  readonly kubeconfig: pulumi.Output<string>;
  readonly endpoint: pulumi.Output<string>;
  readonly ready: pulumi.Resource;
  readonly record: pulumi.Output<string>;

  constructor(
    private readonly its: string,
    private readonly args: K3sArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("vmstation:bootstrap:K3s", its, {}, opts);
    const kept = fixed(args);
    warnOfRefusal(kept, args, this);
    sayMembers(args, this);
    const { controller, config } = args;

    const tokens = this.tokens();
    const last = oneAfterAnother(args, {
      install: (machine, before) => this.install(machine, tokens, before),
      turn: (machine, turn, before) => this.turn(machine, turn, before),
      arrivals: (before) => this.arrivals(before),
    });
    const labelled = new RemoteStep(
      `${its}-nodes`,
      {
        machine: controller,
        access: args.access,
        step: nodesStep(args, MEMBERS),
        onDelete: "keep",
      },
      { parent: this, dependsOn: last },
    );
    const cluster = finishCluster(this, its, args, controller, labelled, {
      files: FILES,
      revision: digestOf([config, args.machines.map((m) => m.name).sort()]),
    });

    this.kubeconfig = cluster.kubeconfig;
    this.endpoint = cluster.endpoint;
    this.ready = cluster.ready;
    // Once every machine is part of the cluster.
    this.record = labelled.stdout.apply(() => renderFixedRecord(kept, args.machines));
    this.registerOutputs({ kubeconfig: this.kubeconfig, endpoint: this.endpoint });
  }

  /** What the configuration brings of an adopted cluster, else made once. Without them no machine can join any more. */
  private tokens(): pulumi.Output<Tokens> {
    const { config, secrets } = this.args;
    const server = secrets?.(config.tokenSecret) ?? this.password("token");
    const agent = secrets?.(config.agentTokenSecret ?? config.tokenSecret);
    return pulumi
      .all([server, agent ?? this.password("agent-token")])
      .apply(([ofServers, ofAgents]) => ({ server: ofServers, agent: ofAgents }));
  }

  private password(of: string): pulumi.Output<string> {
    const password = new random.RandomPassword(
      `${this.its}-${of}`,
      { length: 48, special: false },
      { parent: this },
    );
    return password.result;
  }

  private install(
    machine: Machine,
    tokens: pulumi.Output<Tokens>,
    dependsOn: pulumi.Resource[],
  ): RemoteStep {
    const step = tokens.apply((its): Step => k3sStep(this.args, machine, its));
    return new RemoteStep(
      `${this.its}-k3s-${machine.name}`,
      { machine, access: this.args.access, step, onDelete: "keep" },
      { parent: this, dependsOn, retainOnDelete: true },
    );
  }

  private arrivals(dependsOn: pulumi.Resource[]): RemoteStep {
    const { controller, access } = this.args;
    return new RemoteStep(
      `${this.its}-arrivals`,
      { machine: controller, access, step: arrivalsStep(this.args, MEMBERS), onDelete: "keep" },
      { parent: this, dependsOn },
    );
  }

  private turn(machine: Machine, turn: "leaves" | "is back", dependsOn: pulumi.Resource[]) {
    const { controller, access } = this.args;
    return new RemoteStep(
      `${this.its}-${turn === "leaves" ? "drain" : "uncordon"}-${machine.name}`,
      {
        machine: controller,
        access,
        step: agentTurn(this.args, machine, turn),
        onDelete: "keep",
      },
      { parent: this, dependsOn },
    );
  }
}
