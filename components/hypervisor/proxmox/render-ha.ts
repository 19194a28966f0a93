import type { HaresourceArgs } from "@muhlba91/pulumi-proxmoxve/haresource";
import type { HaruleArgs } from "@muhlba91/pulumi-proxmoxve/harule";
import type { HaConfig } from "../config";
import { MARK, type VirtualMachine } from "../virtual";

/** A machine as Proxmox's high availability names it. */
export function haResourceId({ vm }: Pick<VirtualMachine, "vm">): string {
  return `vm:${vm.id}`;
}

/** By the number, which is the machine's own in the whole cluster: other stacks may have machines of its name. */
export function haRuleId({ vm }: Pick<VirtualMachine, "vm">): string {
  return `vmstation-${vm.id}`;
}

/**
 * The machine in the hands of Proxmox's high availability. Every value is given: what is left out may be read back with
 * Proxmox's default, and would be a change at each preview.
 */
export function renderHaResource(machine: VirtualMachine, ha: HaConfig) {
  return {
    resourceId: haResourceId(machine),
    type: "vm",
    state: "started",
    comment: MARK,
    failback: ha.failback,
    maxRestart: ha.maxRestart,
    maxRelocate: ha.maxRelocate,
  } satisfies HaresourceArgs;
}

/** The hosts that it prefers, the first one most; undefined where it has none. */
export function renderHaRule(machine: VirtualMachine, { hosts, strict }: HaConfig) {
  if (hosts === undefined) return undefined;
  return {
    rule: haRuleId(machine),
    type: "node-affinity",
    comment: MARK,
    disable: false,
    resources: [haResourceId(machine)],
    nodes: Object.fromEntries(hosts.map((host, i) => [host, hosts.length - i])),
    strict,
  } satisfies HaruleArgs;
}
