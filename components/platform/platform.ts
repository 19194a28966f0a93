import * as pulumi from "@pulumi/pulumi";
import type { RemoteAccess } from "../remote/machine";
import type { HostUse } from "../shared/hosts";
import type { PlatformPlan } from "./plan";

export interface PlatformArgs {
  plan: PlatformPlan;
  access: RemoteAccess;
  /** The names behind the ingress, of all layers. */
  hosts: readonly HostUse[];
  /** The secret of that name; undefined where it is not set. */
  secrets: (name: string | undefined) => pulumi.Output<string> | undefined;
}

/** "load-balancer" of "loadBalancer" */
function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * The parts that the configuration names, in namespaces that the network layer prepared. One waits for another only
 * where it needs it, so that all the others are there although one cannot be made.
 */
export class Platform extends pulumi.ComponentResource {
  /** The keys of the parts. */
  readonly parts: readonly string[];

  constructor(name: string, args: PlatformArgs, opts: pulumi.ComponentResourceOptions) {
    super("vmstation:platform:Platform", name, {}, opts);
    const made = new Map<string, readonly pulumi.Resource[]>();
    for (const part of args.plan.parts) {
      const resources = part.create({
        prefix: `${name}-${kebab(part.key)}`,
        opts: (dependsOn = []) => ({ parent: this, dependsOn: [...dependsOn] }),
        made: (key) => made.get(key) ?? [],
        access: args.access,
        hosts: args.hosts,
        charts: args.plan.charts,
        secrets: args.secrets,
      });
      made.set(part.key, resources);
    }
    this.parts = [...made.keys()];
    this.registerOutputs({ parts: this.parts });
  }
}
