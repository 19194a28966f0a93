import { z } from "zod";

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
