import {
  leftAlone,
  renderVm,
  type VmContext,
} from "../../../components/hypervisor/proxmox/render-vm";
import { partName, type VirtualMachine, vmName } from "../../../components/hypervisor/virtual";
import { parseUrn, renderUrn } from "../../engine/urn";
import type { Deployment } from "../state/deployment";
import { type Part, PART_OPTIONS, PART_TYPES } from "./parts";
import type { Untracked } from "./untracked";
import { HYPERVISOR_TYPE, VM_TYPE } from "./vm-name";

const GIB = 2 ** 30;

const PROVIDER_TYPE = "pulumi:providers:proxmoxve";

/** The stack that an entry is of. */
interface OfStack {
  readonly project: string;
  readonly stack: string;
}

/** What a machine's entry is made of, beside the machine. */
export interface EntryContext extends OfStack, Omit<VmContext, "image" | "vendorData"> {}

/**
 * The state with an entry for a machine that is in Proxmox and not in the state; undefined where the state lacks what
 * the entry belongs to.
 *
 * Not `pulumi import`: without the settings of the configuration the provider waits 15 minutes for the guest agent's
 * addresses, which a new machine does not have.
 */
export function enterVm(
  deployment: Deployment,
  { machine, disk, vendorData }: Pick<Untracked, "machine" | "disk" | "vendorData">,
  { project, stack, ...context }: EntryContext,
): Deployment | undefined {
  // What Proxmox has of it: the provider would make the machine again with another file.
  const inputs = renderInputs(machine, { ...context, vendorData });
  const entry = {
    ...{ type: VM_TYPE, id: String(machine.vm.id), inputs, outputs: withSize(inputs, disk) },
    ...{ protect: true, retainOnDelete: true, ignoreChanges: leftAlone(machine) },
  };
  return enter(deployment, (layer) => vmName(layer, machine.name), entry, { project, stack });
}

/** The same for what machines share. */
export function enterPart(
  deployment: Deployment,
  { kind, id, inputs }: Part,
  of: OfStack,
): Deployment | undefined {
  const entry = { type: PART_TYPES[kind], id, inputs, outputs: inputs, ...PART_OPTIONS[kind] };
  return enter(deployment, (layer) => partName(layer, kind), entry, of);
}

/** The entry says that its making has failed, so that it is read before the update. */
function enter(
  deployment: Deployment,
  nameOf: (layer: string) => string,
  entry: { readonly type: string; readonly inputs: Inputs },
  { project, stack }: OfStack,
): Deployment | undefined {
  const resources = deployment.resources ?? [];
  const parent = resources.find(({ type }) => type === HYPERVISOR_TYPE);
  const provider = resources.find(({ type }) => type === PROVIDER_TYPE);
  if (parent === undefined || typeof provider?.id !== "string") return undefined;
  const name = nameOf(parseUrn(parent.urn).name);
  const urn = renderUrn({ stack, project, parent: parent.urn, type: entry.type, name });
  const whole = {
    ...{ urn, custom: true, parent: parent.urn, provider: `${provider.urn}::${provider.id}` },
    ...entry,
    initErrors: ["an update was cut while Proxmox made it"],
  };
  const operations = deployment.pending_operations;
  return {
    ...deployment,
    resources: [...resources, whole],
    ...(operations == null
      ? {}
      : { pending_operations: operations.filter(({ resource }) => resource.urn !== urn) }),
  };
}

/** So that the update sees a disk that is still the image's. The provider takes 0 for "as before". */
function withSize(inputs: VmInputs, bytes: number): VmInputs {
  const size = Math.max(1, Math.floor(bytes / GIB));
  return { ...inputs, disks: inputs.disks.map((disk) => ({ ...disk, size })) };
}

type Inputs = Readonly<Record<string, unknown>>;
type VmInputs = Inputs & { readonly disks: readonly object[] };

/** As the program writes them, without the image: the disk is there already. */
function renderInputs(machine: VirtualMachine, context: Omit<VmContext, "image">): VmInputs {
  const { disks, ...rest } = renderVm(machine, { ...context, image: "" });
  if (!Array.isArray(disks)) throw new Error("the disks are not known yet");
  return { ...rest, disks: disks.map((disk: object) => ({ ...disk, importFrom: undefined })) };
}
