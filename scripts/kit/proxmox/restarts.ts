import { z } from "zod";
import type { VirtualMachine } from "../../../components/hypervisor/virtual";
import { renderCommand } from "../advice";
import type { ProxmoxApi } from "./api";
import { findOwn, isOff, resourcesSchema } from "./resources";

const pendingSchema = z.array(
  z.looseObject({
    ...{ key: z.string(), pending: z.unknown().optional(), delete: z.unknown().optional() },
  }),
);

/** What Proxmox has noted for the next start of machines that run, with the commands that do it drained. */
export async function findRestarts(
  api: Pick<ProxmoxApi, "get">,
  machines: readonly VirtualMachine[],
  stack: string,
): Promise<string[]> {
  const known = resourcesSchema.parse(await api.get("/cluster/resources"));
  const found = machines.map(async (machine): Promise<string[]> => {
    const { node: host, status } = findOwn(known, machine) ?? {};
    if (host === undefined || isOff(known, host) || status !== "running") return [];
    const all = pendingSchema.parse(await api.get(`/nodes/${host}/qemu/${machine.vm.id}/pending`));
    const keys = all
      .filter((each) => each.pending !== undefined || each.delete !== undefined)
      .map(({ key }) => key)
      .sort();
    if (keys.length === 0) return [];
    const command = renderCommand({ stack }, "restart", machine.name);
    return [`${machine.name}: ${keys.join(", ")} counts from its next start on: ${command}`];
  });
  return (await Promise.all(found)).flat();
}
