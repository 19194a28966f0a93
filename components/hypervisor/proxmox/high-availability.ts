import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { HaConfig } from "../config";
import { MARK, type VirtualMachine } from "../virtual";
import { type Ask, type AskArgs, createAsk } from "./ask";
import { renderHaResource, renderHaRule } from "./render-ha";
import { loadHaSdk } from "./sdk";

const HOOK = "vmstation-free-in-ha";

interface MadeIn {
  readonly parent: pulumi.Resource;
  readonly provider: pulumi.ProviderResource;
  readonly hooks: pulumi.ResourceHookBinding;
}

/**
 * Hands a machine to Proxmox's high availability. Nothing of it is protected: without it the machine runs on as before,
 * and a machine that stays behind in it could not be switched off permanently.
 */
export function createHa(
  name: string,
  machine: VirtualMachine & { readonly made: pulumi.Resource },
  ha: HaConfig,
  opts: MadeIn,
): void {
  const { Haresource, Harule } = loadHaSdk();
  const resource = new Haresource(
    `${name}-ha-${machine.name}`,
    renderHaResource(machine, ha),
    // Only a machine that is there can be in it.
    { ...opts, ignoreChanges: machine.offline ? ["*"] : [], dependsOn: [machine.made] },
  );
  const rule = renderHaRule(machine, ha);
  if (rule === undefined) return;
  new Harule(`${name}-ha-rule-${machine.name}`, rule, {
    ...opts,
    // Proxmox skips the provider's `disable=0`: the update of a rule that somebody has disabled would fail each time.
    ignoreChanges: machine.offline ? ["*"] : ["disable"],
    dependsOn: [resource],
  });
}

const inputsSchema = z.union([
  z.looseObject({ rule: z.string() }).transform(({ rule }) => ({ folder: "rules", id: rule })),
  z
    .looseObject({ resourceId: z.string() })
    .transform(({ resourceId }) => ({ folder: "resources", id: resourceId })),
]);

/** Lets nothing be made in high availability that is there already: it is somebody else's, or an update was cut. */
export function requireFreeInHa(args: AskArgs): pulumi.ResourceHookBinding {
  const hook = new pulumi.ResourceHook(HOOK, async ({ newInputs }) => {
    await makeRoom(inputsSchema.parse(newInputs), await createAsk(args));
  });
  return { beforeCreate: [hook] };
}

const listSchema = z.array(
  z.looseObject({ sid: z.string().optional(), rule: z.string().optional() }),
);
const oneSchema = z.looseObject({ comment: z.string().optional() });

/**
 * Takes away what an update has made that was cut before its state had it: it is made again at once, and the machine runs
 * on. Rejects where it is somebody else's.
 */
export async function makeRoom(
  { folder, id }: { readonly folder: string; readonly id: string },
  ask: Ask,
): Promise<void> {
  const where = `/cluster/ha/${folder}`;
  const list = listSchema.parse(await read(where, ask));
  if (!list.some(({ sid, rule }) => sid === id || rule === id)) return;
  const { comment } = oneSchema.parse(await read(`${where}/${encodeURIComponent(id)}`, ask));
  if (comment?.trim() !== MARK)
    throw new Error(
      `${id} is in Proxmox's high availability already, and VMStation has not put it there`,
    );
  const { status, reason } = await ask(`${where}/${encodeURIComponent(id)}`, "DELETE");
  if (status !== 200)
    throw new Error(`${id} is not made again in high availability: ${status} ${reason}`);
}

async function read(path: string, ask: Ask): Promise<unknown> {
  const { status, reason, data } = await ask(path);
  if (status === 200) return data;
  throw new Error(
    `Proxmox does not say what its high availability has (${path}): ${status} ${reason}`,
  );
}
