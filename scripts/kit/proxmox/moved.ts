import { z } from "zod";
import type { VirtualMachine } from "../../../components/hypervisor/virtual";
import type { Resources as State } from "../pulumi/resources";
import type { Deployment } from "../state/deployment";
import type { ProxmoxApi } from "./api";
import { findOwn, resourcesSchema } from "./resources";
import { VM_TYPE } from "./vm-name";

/** A machine that high availability has started on another host than the state has. */
export interface Moved {
  readonly urn: string;
  readonly name: string;
  readonly host: string;
}

const notedSchema = z.object({
  inputs: z.looseObject({ name: z.string() }),
  outputs: z.looseObject({ nodeName: z.string() }),
});

/** The provider asks the host of the state, and would find nothing there. */
export async function findMoved(
  api: Pick<ProxmoxApi, "get">,
  machines: readonly VirtualMachine[],
  state: State,
): Promise<Moved[]> {
  const managed = machines.filter(({ vm }) => vm.ha !== undefined);
  if (managed.length === 0) return [];
  const known = resourcesSchema.parse(await api.get("/cluster/resources"));
  return state.flatMap((resource) => {
    const noted = resource.type === VM_TYPE ? notedSchema.safeParse(resource).data : undefined;
    const machine = managed.find(({ name }) => name === noted?.inputs.name);
    const host = machine && findOwn(known, machine)?.node;
    if (noted === undefined || machine === undefined || host === undefined) return [];
    if (host === noted.outputs.nodeName) return [];
    return [{ urn: resource.urn, name: machine.name, host }];
  });
}

/** The state in which their last change has failed, so that the update reads them again first. */
export function markMoved(deployment: Deployment, moved: readonly Moved[]): Deployment {
  return {
    ...deployment,
    resources: (deployment.resources ?? []).map((resource) => {
      const host = moved.find(({ urn }) => urn === resource.urn)?.host;
      return host === undefined
        ? resource
        : { ...resource, initErrors: [`high availability has it on ${host}`] };
    }),
  };
}

export function renderMoved({ name, host }: Moved): string {
  return `${name}: Proxmox's high availability has it on ${host} by now. It is read again before the update.`;
}
