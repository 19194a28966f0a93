import { z } from "zod";
import type { VirtualMachine } from "../../../components/hypervisor/virtual";
import type { Resources as State } from "../pulumi/resources";
import type { Deployment } from "../state/deployment";
import { findMove } from "./moves";
import type { Placed } from "./placed";
import { findOwn, isOff, type Resources } from "./resources";
import { VM_TYPE } from "./vm-name";

/** A machine that runs on another host than the state has: high availability has started it there, or somebody has moved it. */
export interface Moved {
  readonly urn: string;
  readonly name: string;
  readonly host: string;
  /** Where the update moves it; undefined where it stays. */
  readonly next: string | undefined;
  readonly isManaged: boolean;
}

const notedSchema = z.object({
  inputs: z.looseObject({ name: z.string() }),
  outputs: z.looseObject({ nodeName: z.string() }),
});

/** The provider asks the host of the state, and would find nothing there. */
export function findMoved(
  machines: readonly VirtualMachine[],
  state: State,
  known: Resources,
  placed: Placed,
): Moved[] {
  return state.flatMap((resource) => {
    const noted = resource.type === VM_TYPE ? notedSchema.safeParse(resource).data : undefined;
    const machine = machines.find(({ name }) => name === noted?.inputs.name);
    const host = machine && findOwn(known, machine)?.node;
    if (noted === undefined || machine === undefined || host === undefined) return [];
    // What is on a host that is off cannot be read.
    if (host === noted.outputs.nodeName || isOff(known, host)) return [];
    const { name, vm } = machine;
    const move = findMove(machine, known, placed);
    const next = move !== undefined && move.off === undefined ? vm.host : undefined;
    return [{ urn: resource.urn, name, host, isManaged: vm.ha !== undefined, next }];
  });
}

/** Those whose `vm.host` was changed and which cannot move now, with the host that they were configured for. */
export function findWaiting(
  machines: readonly VirtualMachine[],
  known: Resources,
  placed: Placed,
): Placed {
  const names = machines.filter((one) => findMove(one, known, placed)?.off !== undefined);
  return new Map([...placed].filter(([name]) => names.some((one) => one.name === name)));
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

export function renderMoved({ name, host, next, isManaged }: Moved): string {
  const who = isManaged ? "Proxmox's high availability has it" : "somebody has moved it, and it is";
  const then = next === undefined ? "" : `, which moves it to ${next}`;
  return `${name}: ${who} on ${host} by now. It is read again before the update${then}.`;
}
