import * as pulumi from "@pulumi/pulumi";
import type { RemoteAccess } from "../remote/machine";
import { RemoteStep } from "../remote/remote-step";
import type { Work } from "../remote/step";
import type { Machine } from "./machine";

export interface NodeArgs {
  machine: Machine;
  access: RemoteAccess;
  /** What prepares the machine, in order; see nodeSteps. */
  steps: readonly Work[];
}

/** One machine, prepared: from a bare Debian or RHEL to what a cluster's method expects. */
export class Node extends pulumi.ComponentResource {
  /** The machine's name. */
  readonly machineName: pulumi.Output<string>;
  /** Its address on the LAN. */
  readonly address: pulumi.Output<string>;
  /** The last of its steps: later layers wait for it. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: NodeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmstation:node:Node", name, {}, opts);
    this.ready = this.prepare(name, args);
    this.machineName = pulumi.output(args.machine.name);
    this.address = pulumi.output(args.machine.address);
    this.registerOutputs({ machineName: this.machineName, address: this.address });
  }

  /** A chain: one connection at a time to each machine, machines side by side. */
  private prepare(name: string, args: NodeArgs): pulumi.Resource {
    return args.steps.reduce<pulumi.Resource>((previous, step) => {
      const after = previous === this ? {} : { dependsOn: [previous] };
      const { machine, access } = args;
      return new RemoteStep(
        `${name}-${step.name}`,
        { machine, access, step },
        { parent: this, ...after },
      );
    }, this);
  }
}
