import { z } from "zod";
import type { HaConfig } from "../../../components/hypervisor/config";
import {
  haResourceId,
  haRuleId,
  renderHaResource,
  renderHaRule,
} from "../../../components/hypervisor/proxmox/render-ha";
import type { VirtualMachine } from "../../../components/hypervisor/virtual";
import type { ProxmoxApi } from "./api";
import type { VmDifference } from "./compare";
import { findOwn, resourcesSchema } from "./resources";

type Getter = Pick<ProxmoxApi, "get">;

const listSchema = z.array(
  z.looseObject({ sid: z.string().optional(), rule: z.string().optional() }),
);
const flag = z
  .union([z.number(), z.boolean(), z.string()])
  .transform((value) => Number(value) === 1);
const count = z.coerce.number();

/** What is left out of an answer is as Proxmox has it by default. */
const resourceSchema = z.looseObject({
  state: z.string().prefault("started"),
  failback: flag.prefault(1),
  max_restart: count.prefault(1),
  max_relocate: count.prefault(1),
});
const ruleSchema = z.looseObject({
  disable: flag.prefault(0),
  strict: flag.prefault(0),
  nodes: z.string().prefault(""),
});

/** What Proxmox's high availability has of one machine. */
export interface HaFound {
  readonly resource: z.infer<typeof resourceSchema> | undefined;
  readonly rule: z.infer<typeof ruleSchema> | undefined;
  /** What it does with the machine now: "started", "error". Undefined where it has none. */
  readonly now: string | undefined;
}

export async function lookAtHa(api: Getter, machine: VirtualMachine): Promise<HaFound> {
  const known = resourcesSchema.parse(await api.get("/cluster/resources"));
  const own = findOwn(known, machine);
  const [resource, rule] = [haResourceId(machine), haRuleId(machine)];
  return {
    resource: resourceSchema.optional().parse(await readIfThere(api, "resources", resource)),
    rule: ruleSchema.optional().parse(await readIfThere(api, "rules", rule)),
    now: own?.hastate,
  };
}

/** By the list, since Proxmox has no code of its own for what is not there. */
async function readIfThere(
  api: Getter,
  folder: "resources" | "rules",
  id: string,
): Promise<unknown> {
  const where = `/cluster/ha/${folder}`;
  const all = listSchema.parse(await api.get(where));
  if (!all.some(({ sid, rule }) => sid === id || rule === id)) return undefined;
  return api.get(`${where}/${encodeURIComponent(id)}`);
}

/** What somebody has changed at a machine's high availability. */
export function compareHa(machine: VirtualMachine, ha: HaConfig, found: HaFound): VmDifference[] {
  const { resource, rule, now } = found;
  if (resource === undefined) return [changed("Proxmox does not have it in high availability")];
  const wanted = renderHaResource(machine, ha);
  const pairs: readonly (readonly [what: string, seen: unknown, value: unknown])[] = [
    ["requested state", resource.state === "enabled" ? "started" : resource.state, wanted.state],
    ["failback", resource.failback, wanted.failback],
    ["max_restart", resource.max_restart, wanted.maxRestart],
    ["max_relocate", resource.max_relocate, wanted.maxRelocate],
    ...comparedRule(machine, ha, rule),
  ];
  return [
    ...pairs.flatMap(([what, seen, value]) =>
      seen === value ? [] : [changed(`its ${what} is ${String(seen)}, not ${String(value)}`)],
    ),
    ...(isOff(machine, ha, rule) ? [disabled(machine)] : []),
    ...(now === "error" ? [gaveUp()] : []),
  ];
}

function comparedRule(
  machine: VirtualMachine,
  ha: HaConfig,
  found: HaFound["rule"],
): (readonly [what: string, seen: unknown, value: unknown])[] {
  const wanted = renderHaRule(machine, ha);
  const name = `rule ${haRuleId(machine)}`;
  if (wanted === undefined || found === undefined)
    return [[name, found === undefined ? "absent" : "present", wanted ? "present" : "absent"]];
  const nodes = Object.entries(wanted.nodes).map(([host, priority]) => `${host}:${priority}`);
  return [
    [`${name}'s nodes`, found.nodes.split(",").sort().join(","), nodes.sort().join(",")],
    [`${name}'s strict`, found.strict, wanted.strict],
  ];
}

function isOff(machine: VirtualMachine, ha: HaConfig, found: HaFound["rule"]): boolean {
  return renderHaRule(machine, ha) !== undefined && found?.disable === true;
}

function disabled(machine: VirtualMachine): VmDifference {
  return { name: "ha", reason: `rule ${haRuleId(machine)} is disabled`, mend: "ha-disabled" };
}

function changed(reason: string): VmDifference {
  return { name: "ha", reason, mend: "ha" };
}

function gaveUp(): VmDifference {
  return { name: "ha", reason: "is in state error: Proxmox has given up on it", mend: "ha-error" };
}

/** An update leaves a rule that is disabled as it is: see createHa. */
export function renderEnable(machine: Pick<VirtualMachine, "vm">): string {
  return `ha-manager rules set node-affinity ${haRuleId(machine)} --delete disable`;
}

/** The commands after which Proxmox tries again; by whom the cause of its failure is mended before. */
export function renderRetry(machine: Pick<VirtualMachine, "vm">): string {
  const id = haResourceId(machine);
  return `ha-manager set ${id} --state disabled, then ha-manager set ${id} --state started`;
}
