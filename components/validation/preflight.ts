import * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../node/machine";
import type { RemoteAccess } from "../remote/machine";
import { RemoteStep } from "../remote/remote-step";
import { renderPreflight, type PreflightSettings } from "./render-preflight";

export interface PreflightArgs extends PreflightSettings {
  machines: readonly Machine[];
  access: RemoteAccess;
}

/**
 * Looks at every machine before any is changed: all machines side by side, all findings of each at once.
 * Nodes depend on this component, so that a failure stops before the first change.
 */
export class Preflight extends pulumi.ComponentResource {
  constructor(name: string, args: PreflightArgs, opts: pulumi.ComponentResourceOptions) {
    super("vmstation:validation:Preflight", name, {}, opts);
    for (const machine of args.machines) {
      new RemoteStep(
        `${name}-${machine.name}`,
        { machine, access: args.access, step: renderPreflight(machine, args), onDelete: "keep" },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
