import { z } from "zod";
import type { HypervisorConfig } from "../../../components/hypervisor/config";
import type { VirtualMachine } from "../../../components/hypervisor/virtual";
import type { Placed } from "./placed";

/** What `/cluster/resources` lists: hosts, machines, storages. */
export const resourcesSchema = z.array(
  z.looseObject({
    ...{ type: z.string(), node: z.string().optional(), status: z.string().optional() },
    ...{ vmid: z.number().optional(), name: z.string().optional(), lock: z.string().optional() },
    ...{ template: z.number().optional(), hastate: z.string().optional() },
  }),
);

export type Resources = z.infer<typeof resourcesSchema>;

/** The machine of that number and name; a container or another machine is none. */
export function findOwn(
  known: Resources,
  { name, vm }: { readonly name: string; readonly vm: { readonly id: number } },
): Resources[number] | undefined {
  return known.find((each) => each.type === "qemu" && each.vmid === vm.id && each.name === name);
}

/** Of a host of the Proxmox cluster: "online" or another word; undefined of one that is not in it. */
export function hostStatus(known: Resources, host: string): string | undefined {
  const found = known.find(({ type, node }) => type === "node" && node === host);
  return found === undefined ? undefined : (found.status ?? "unknown");
}

/** Whether a host is in the cluster, and not on. */
export const isOff = (known: Resources, host: string): boolean =>
  ![undefined, "online"].includes(hostStatus(known, host));

/** What is looked at before an update. */
export interface LookArgs {
  readonly hypervisor: HypervisorConfig;
  readonly machines: readonly VirtualMachine[];
  readonly known: Resources;
  readonly placed: Placed;
  readonly onWarning: (text: string) => void;
}
