import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { reach, type ReachSettings } from "./reach";

/** One name for all, for ever: the state keeps it, and an `up` that lacks a registered hook of that name stops. */
const HOOK = "vmstation-wake";

const connectionSchema = z.object({ host: z.string() });

/** The host that a resource connects to. Hooks get a secret, which every connection is, as an Output. */
function hostOf(inputs: Record<string, unknown> | undefined): Promise<string> {
  const connection: pulumi.Output<unknown> = pulumi.output(inputs?.connection);
  return new Promise((resolve, reject) => {
    connection.apply((plain) => {
      const parsed = connectionSchema.safeParse(plain);
      if (parsed.success) resolve(parsed.data.host);
      else reject(new Error(`a resource with the hook ${HOOK} has no connection`));
    });
  });
}

/**
 * Hooks that wake the machine a resource is about to change, and only then: Pulumi runs them for resources
 * with work to do, never in a preview. A machine is looked at once in a run, however many resources it has.
 */
export function createWakeHooks(settings: ReachSettings): pulumi.ResourceHookBinding {
  const reached = new Map<string, Promise<void>>();
  const hook = new pulumi.ResourceHook(HOOK, async (args) => {
    const host = await hostOf(args.newInputs ?? args.oldInputs);
    const machine = settings.machines.find((m) => m.address === host);
    if (machine === undefined) return;
    const attempt = reached.get(machine.name) ?? reach(machine, settings);
    reached.set(machine.name, attempt);
    await attempt;
  });
  return { beforeCreate: [hook], beforeUpdate: [hook], beforeDelete: [hook] };
}
