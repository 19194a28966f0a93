import { UserError } from "../../../kit/user-error";
import type { Inventory } from "../inventory/inventory";
import { renderFound } from "../render";
import type { FoundVm } from "./found";

/** What can be taken, and what a person is shown. */
export interface Offer {
  readonly vms: readonly FoundVm[];
  readonly text: string;
}

/**
 * The machines that may be prepared as they are. VMStation's own are left out: a stack has them, and two that prepare one
 * machine undo each other's work.
 */
export function offerVms(endpoint: string, found: readonly FoundVm[]): Offer {
  const text = renderFound(endpoint, found);
  const vms = found.filter(({ isOurs }) => !isOurs);
  if (vms.length > 0) return { vms, text };
  throw new UserError(
    `${text}There is no virtual machine to choose. The token sees those for which it has VM.Audit.`,
  );
}

/** The same as an inventory: tags and pools are groups. */
export function asInventory(vms: readonly FoundVm[]): Inventory {
  const usable = vms.filter(({ isRunning, address }) => isRunning && address !== undefined);
  const left = vms.filter((vm) => !usable.includes(vm)).map(({ name }) => name);
  const remark = `left out, for not running or having no address that Proxmox knows: ${left.join(", ")}`;
  return {
    hosts: usable.map(({ name, host, address = "", user, tags, pool }) => ({
      name,
      groups: new Set(["all", host, ...tags, ...(pool === undefined ? [] : [pool])]),
      variables: new Map([
        ["ansible_host", address],
        ...(user === undefined ? [] : ([["ansible_user", user]] as const)),
      ]),
    })),
    remarks: left.length === 0 ? [] : [remark],
  };
}
