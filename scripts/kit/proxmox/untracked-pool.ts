import { z } from "zod";
import type { HypervisorConfig } from "../../../components/hypervisor/config";
import { renderPool } from "../../../components/hypervisor/proxmox/pool";
import { MARK, type VirtualMachine } from "../../../components/hypervisor/virtual";
import type { Resources } from "../pulumi/resources";
import type { ProxmoxApi } from "./api";
import type { FoundPart } from "./parts";
import { POOL_TYPE } from "./vm-name";

const noteSchema = z.object({ inputs: z.looseObject({ poolId: z.string() }) });
const poolsSchema = z.array(
  z.looseObject({
    poolid: z.string(),
    comment: z.string().optional(),
    members: z.unknown().optional(),
  }),
);
const membersSchema = z
  .array(z.looseObject({ id: z.string(), vmid: z.number().optional() }))
  .prefault([]);

/**
 * A pool that the update would make and that is there. An update that was cut has made it where it has our mark, and
 * nothing in it that is not of this stack.
 */
export async function findUntrackedPool(
  api: Pick<ProxmoxApi, "get">,
  { pool }: Pick<HypervisorConfig, "pool">,
  machines: readonly Pick<VirtualMachine, "vm">[],
  state: Resources,
): Promise<FoundPart[]> {
  if (pool?.manage !== true || isNoted(state, pool.name)) return [];
  const there = poolsSchema.parse(await api.get("/pools"));
  if (!there.some(({ poolid }) => poolid === pool.name)) return [];
  const one = poolsSchema.parse(await api.get(`/pools?poolid=${encodeURIComponent(pool.name)}`));
  const others = membersSchema
    .parse(one[0]?.members)
    .filter(({ vmid }) => !machines.some(({ vm }) => vm.id === vmid));
  if (one[0]?.comment?.trim() === MARK && others.length === 0)
    return [{ kind: "pool", id: pool.name, inputs: renderPool(pool.name) }];
  const whose = others.length === 0 ? "" : `, and in it: ${others.map(({ id }) => id).join(", ")}`;
  return [
    {
      problem:
        `hypervisor.pool: there is one already by the name ${pool.name}${whose}. Write pool: ${pool.name}, and it is used as ` +
        "it is",
    },
  ];
}

function isNoted(state: Resources, name: string): boolean {
  return state.some(
    (each) => each.type === POOL_TYPE && noteSchema.safeParse(each).data?.inputs.poolId === name,
  );
}
