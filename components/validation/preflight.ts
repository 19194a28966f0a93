import * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../node/machine";
import type { RemoteAccess } from "../remote/machine";
import { RemoteStep } from "../remote/remote-step";
import { renderPreflight, type PreflightSettings } from "./render-preflight";

export interface PreflightArgs extends PreflightSettings {
  machines: readonly Machine[];
  access: RemoteAccess;
  /** What makes the machine, where it is virtual. */
  madeBy?: (machine: Machine) => pulumi.Resource | undefined;
}

/**
 * Looks at each machine before it is changed: all machines side by side, all findings of each at once.
 * A machine's node waits for the look at that machine, and the cluster for every node. Where machines have a network of
 * their own, each waits for all looks: a machine whose firewall names others' new addresses drops their old ones.
 */
export class Preflight extends pulumi.ComponentResource {
  private readonly looks = new Map<string, RemoteStep>();

  constructor(name: string, args: PreflightArgs, opts: pulumi.ComponentResourceOptions) {
    super("vmstation:validation:Preflight", name, {}, opts);
    for (const machine of args.machines) {
      const maker = args.madeBy?.(machine);
      const look = new RemoteStep(
        `${name}-${machine.name}`,
        { machine, access: args.access, step: renderPreflight(machine, args), onDelete: "keep" },
        { parent: this, ...(maker === undefined ? {} : { dependsOn: [maker] }) },
      );
      this.looks.set(machine.name, look);
    }
    this.registerOutputs({});
  }

  /** The look at one machine; whatever changes that machine comes after it. */
  lookAt({ name }: Pick<Machine, "name">): pulumi.Resource {
    const look = this.looks.get(name);
    if (look === undefined) throw new Error(`preflight does not look at ${name}`);
    return look;
  }
}
