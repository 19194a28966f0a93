import { z } from "zod";
import { isMap, type StackConfig } from "../stack-file/stack-config";
import type { Deployment } from "../state/deployment";
import { HYPERVISOR_TYPE, VM_TYPE } from "./vm-name";

/** Machines, each with the host that an update has last brought it to at the wish of the configuration. */
export type Placed = ReadonlyMap<string, string>;

type State = readonly { readonly type: string }[];

const layerSchema = z.object({
  outputs: z.object({ hosts: z.record(z.string(), z.string()) }),
});
const vmSchema = z.object({
  inputs: z.object({ name: z.string(), nodeName: z.string() }),
  outputs: z.object({ nodeName: z.string() }).nullish(),
  initErrors: z.array(z.unknown()).nullish(),
});

type NotedVm = z.infer<typeof vmSchema>;

/**
 * As the layer has noted it (Hypervisor.listHosts). A state of an earlier version says it by the machines' own inputs: of
 * those a refresh makes what it finds. A machine whose move was refused has the host of before.
 */
export function listPlaced(state: State): Placed {
  const machines = state.flatMap((each) =>
    each.type === VM_TYPE ? (vmSchema.safeParse(each).data ?? []) : [],
  );
  const hostsOf = (some: readonly NotedVm[]): [string, string][] =>
    some.map(({ inputs }) => [inputs.name, inputs.nodeName]);
  const layer = state.find(({ type }) => type === HYPERVISOR_TYPE);
  const noted = layerSchema.safeParse(layer).data?.outputs.hosts ?? {};
  return new Map([
    ...hostsOf(machines),
    ...Object.entries(noted),
    ...hostsOf(machines.filter(isRefused)),
  ]);
}

/** Pulumi keeps the inputs of before then. The provider has the new host already, and so has the layer. */
function isRefused({ inputs, outputs, initErrors }: NotedVm): boolean {
  return (initErrors ?? []).length > 0 && outputs != null && outputs.nodeName !== inputs.nodeName;
}

/** Machines that an update must not move: their key has not changed since, wherever they are by now. */
export function findStays(placed: Placed, config: StackConfig, project: string): Placed {
  const machines = config.get(`${project}:machines`);
  return new Map(
    [...placed].filter(([name, host]) => {
      const machine = isMap(machines) ? machines[name] : undefined;
      const vm = isMap(machine) ? machine.vm : undefined;
      return isMap(vm) && vm.host === host;
    }),
  );
}

/** The state with a note of this for each machine, as an earlier version has not left it. */
export function notePlaced(deployment: Deployment, placed: Placed): Deployment {
  return {
    ...deployment,
    resources: (deployment.resources ?? []).map((resource) => {
      if (resource.type !== HYPERVISOR_TYPE) return resource;
      const outputs = isMap(resource.outputs) ? resource.outputs : {};
      return { ...resource, outputs: { ...outputs, hosts: Object.fromEntries(placed) } };
    }),
  };
}
