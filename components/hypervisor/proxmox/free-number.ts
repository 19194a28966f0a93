import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Ask, type AskArgs, createAsk } from "./ask";

const HOOK = "vmstation-free-number";

const inputsSchema = z.looseObject({ vmId: z.number(), name: z.string() });

/**
 * Lets no machine be made whose number is in use. The provider takes Proxmox's refusal for a sign that its first attempt
 * has succeeded after all: it would start somebody else's machine, change its disk, and have it as its own.
 */
export function requireFreeNumbers(args: AskArgs): pulumi.ResourceHookBinding {
  const hook = new pulumi.ResourceHook(HOOK, async ({ newInputs }) => {
    const { vmId, name } = inputsSchema.parse(newInputs);
    const problem = await findNumberProblem({ vmId, name }, await createAsk(args));
    if (problem !== undefined) throw new Error(problem);
  });
  return { beforeCreate: [hook] };
}

/** Why a machine cannot have its number; undefined where it can. */
export async function findNumberProblem(
  { vmId, name }: { readonly vmId: number; readonly name: string },
  ask: Ask,
): Promise<string | undefined> {
  const { status, reason } = await ask(`/cluster/nextid?vmid=${vmId}`);
  if (status === 200) return undefined;
  if (status !== 400)
    return `${name} is not made, as Proxmox does not say whether its number ${vmId} is free: ${status} ${reason}`;
  return (
    `${name} is not made, as number ${vmId} is in use in Proxmox. If an update that was cut has made the machine, ` +
    "npx vmstation up takes it up. If it is another one, give this one another vm.id"
  );
}
