import { z } from "zod";
import type { VirtualMachine } from "../../../components/hypervisor/virtual";
import type { Resources as State } from "../pulumi/resources";
import type { Deployment } from "../state/deployment";
import type { ProxmoxApi } from "./api";
import { findMove } from "./moves";
import { findOwn, resourcesSchema } from "./resources";
import { VM_TYPE } from "./vm-name";

/** A machine that runs on another host than the state has: high availability has started it there, or somebody has moved it. */
export interface Moved {
  readonly urn: string;
  readonly name: string;
  readonly host: string;
  /** Where the update moves it; undefined where it stays. */
  readonly back: string | undefined;
  readonly isManaged: boolean;
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
  if (machines.length === 0) return [];
  const known = resourcesSchema.parse(await api.get("/cluster/resources"));
  return state.flatMap((resource) => {
    const noted = resource.type === VM_TYPE ? notedSchema.safeParse(resource).data : undefined;
    const machine = machines.find(({ name }) => name === noted?.inputs.name);
    const host = machine && findOwn(known, machine)?.node;
    if (noted === undefined || machine === undefined || host === undefined) return [];
    const move = findMove(machine, known);
    // What cannot move now would fail each update once it was read again.
    if (host === noted.outputs.nodeName || move?.off !== undefined) return [];
    const { name, vm } = machine;
    const isManaged = vm.ha !== undefined;
    return [{ urn: resource.urn, name, host, isManaged, back: move && vm.host }];
  });
}

/** The state in which their last change has failed, so that the update reads them again first. */
export function markMoved(deployment: Deployment, moved: readonly Moved[]): Deployment {
  return {
    ...deployment,
    resources: (deployment.resources ?? []).map((resource) => {
      const host = moved.find(({ urn }) => urn === resource.urn)?.host;
      return host === undefined ? resource : { ...resource, initErrors: [`it is on ${host}`] };
    }),
  };
}

export function renderMoved({ name, host, back, isManaged }: Moved): string {
  const who = isManaged ? "Proxmox's high availability has it" : "somebody has moved it, and it is";
  const then = back === undefined ? "" : `, which moves it to ${back}`;
  return `${name}: ${who} on ${host} by now. It is read again before the update${then}.`;
}
