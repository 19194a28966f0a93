import { z } from "zod";
import { haResourceId, haRuleId } from "../../../components/hypervisor/proxmox/render-ha";
import { MARK, type VirtualMachine } from "../../../components/hypervisor/virtual";
import type { Resources } from "../pulumi/resources";
import type { ProxmoxApi } from "./api";
import { HA_TYPE } from "./vm-name";

type Getter = Pick<ProxmoxApi, "get">;

const haSchema = z.object({ inputs: z.looseObject({ resourceId: z.string() }) });
const resourcesSchema = z.array(z.looseObject({ sid: z.string() }));
const resourceSchema = z.looseObject({ comment: z.string().optional() });
const rulesSchema = z.array(z.looseObject({ rule: z.string() }));

/** What an update would make in Proxmox's high availability, and somebody else has made: each with the way out. */
export async function findForeign(
  api: Getter,
  machines: readonly VirtualMachine[],
  state: Resources,
): Promise<string[]> {
  const ids = state
    .filter(({ type }) => type === HA_TYPE)
    .map((each) => haSchema.safeParse(each).data?.inputs.resourceId);
  const managed = machines.filter(({ vm }) => vm.ha !== undefined);
  const unnoted = managed.filter((machine) => !ids.includes(haResourceId(machine)));
  return [...(await foreignResources(api, unnoted)), ...(await foreignRules(api, managed))];
}

/** One by our mark is from an update that was cut: it is made again. */
async function foreignResources(
  api: Getter,
  machines: readonly VirtualMachine[],
): Promise<string[]> {
  if (machines.length === 0) return [];
  const known = resourcesSchema.parse(await api.get("/cluster/ha/resources"));
  const found = machines.map(async (machine) => {
    const id = haResourceId(machine);
    if (!known.some(({ sid }) => sid === id)) return [];
    const path = `/cluster/ha/resources/${encodeURIComponent(id)}`;
    const { comment } = resourceSchema.parse(await api.get(path));
    if (comment?.trim() === MARK) return [];
    return [
      `machines.${machine.name}.vm.ha: Proxmox has ${id} in high availability already, and VMStation has not put it there. ` +
        `Leave out ha, and all stays as it is. Or take it out, which stops no machine, and run up again; on any host: ` +
        `ha-manager remove ${id}`,
    ];
  });
  return (await Promise.all(found)).flat();
}

/** Proxmox takes one rule with hosts for each machine. */
async function foreignRules(api: Getter, machines: readonly VirtualMachine[]): Promise<string[]> {
  const found = machines.map(async (machine) => {
    if (machine.vm.ha?.hosts === undefined) return [];
    const id = haResourceId(machine);
    const query = `type=node-affinity&resource=${encodeURIComponent(id)}`;
    const rules = rulesSchema.parse(await api.get(`/cluster/ha/rules?${query}`));
    const others = rules.filter(({ rule }) => rule !== haRuleId(machine));
    if (others.length === 0) return [];
    const names = others.map(({ rule }) => rule).join(", ");
    return [
      `machines.${machine.name}.vm.ha.hosts: Proxmox has ${id} in the rule ${names} already, and takes one for each machine. ` +
        "Leave out ha.hosts, or take it out of that rule (Datacenter, HA, Affinity Rules)",
    ];
  });
  return (await Promise.all(found)).flat();
}
