import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { HoldKeeper, type HoldRelay } from "./hold";
import { findAgentObstacle } from "./login";
import { reach, type Reachable, type ReachSettings } from "./reach";

/** One name for all, for ever: the state keeps it, and an `up` that lacks a registered hook of that name stops. */
const HOOK = "vmstation-wake";

const connectionSchema = z.object({ host: z.string() });

/** The SDK unwraps a secret once. A connection is a secret, and one with a private key is wrapped twice. */
function unwrap(value: unknown): unknown {
  return pulumi.runtime.isRpcSecret(value) ? unwrap(pulumi.runtime.unwrapRpcSecret(value)) : value;
}

/** The host that a resource connects to. Hooks get a secret, which every connection is, as an Output. */
function hostOf(inputs: Record<string, unknown> | undefined): Promise<string> {
  const connection: pulumi.Output<unknown> = pulumi.output(inputs?.connection);
  return new Promise((resolve, reject) => {
    connection.apply((plain) => {
      const parsed = connectionSchema.safeParse(unwrap(plain));
      if (parsed.success) resolve(parsed.data.host);
      else reject(new Error(`a resource with the hook ${HOOK} has no connection`));
    });
  });
}

function stillThere({ name }: Pick<Reachable, "name">): string {
  return (
    `${name} is marked offline, and this is still on it: it is removed by the next update once it is back ` +
    `and vmstation:machines.${name}.offline is false`
  );
}

export interface WakeHookSettings extends ReachSettings {
  /** Whether a private key is configured; without one the operator's agent has to hold a key. */
  readonly hasKey: boolean;
  /** The machine of the power controller, which is asked to keep the machine awake meanwhile. */
  readonly controller: HoldRelay;
  /** Why resources cannot get to a machine by this operator's ssh settings. */
  readonly routeProblem?: (machine: Reachable) => string | undefined;
  /** Why the removal of a resource, by its name, must not be run; undefined where it may. */
  readonly refuseRemoval?: (name: string) => string | undefined;
  /** The same of a resource on a machine that has left the configuration. */
  readonly refuseLeaving?: (name: string) => string | undefined;
}

/**
 * Hooks that wake the machine a resource is about to change, and only then: Pulumi runs them for resources
 * with work to do, never in a preview. A machine is looked at once in a run, however many resources it has, and held
 * awake from before that until some time after its last resource.
 */
export function createWakeHooks(settings: WakeHookSettings): pulumi.ResourceHookBinding {
  const reached = new Map<string, Promise<void>>();
  const keeper = new HoldKeeper(settings.controller);
  let obstacle: Promise<string | undefined> | undefined;
  const hook = new pulumi.ResourceHook(HOOK, async (args) => {
    const refusal = args.newInputs === undefined ? settings.refuseRemoval?.(args.name) : undefined;
    if (refusal !== undefined) throw new Error(refusal);
    const host = await hostOf(args.newInputs ?? args.oldInputs);
    const machine = settings.machines.find((m) => m.address === host);
    if (machine === undefined) {
      const stays = args.newInputs === undefined ? settings.refuseLeaving?.(args.name) : undefined;
      if (stays !== undefined) throw new Error(stays);
      return;
    }
    if (machine.offline && args.newInputs === undefined) throw new Error(stillThere(machine));
    // Otherwise each machine is tried as often as is configured, and the provider then speaks of "methods [none]".
    obstacle ??= settings.hasKey ? Promise.resolve(undefined) : findAgentObstacle(process.env);
    const why = await obstacle;
    if (why !== undefined) throw new Error(`${machine.name} is not logged in to: ${why}`);
    const lost = settings.routeProblem?.(machine);
    if (lost !== undefined) throw new Error(`${machine.name} cannot be reached: ${lost}`);
    // A hold that comes first is seen by a controller that is just putting the machine to sleep.
    const isOurs = machine.foreign === undefined;
    if (isOurs && machine.sleeps && !machine.offline) await keeper.hold(machine.name);
    const attempt = reached.get(machine.address) ?? reach(machine, settings);
    reached.set(machine.address, attempt);
    await attempt;
  });
  return { beforeCreate: [hook], beforeUpdate: [hook], beforeDelete: [hook] };
}
