import {
  leftAlone,
  renderVm,
  type VmContext,
} from "../../../components/hypervisor/proxmox/render-vm";
import { type VirtualMachine, vmName } from "../../../components/hypervisor/virtual";
import { parseUrn, renderUrn } from "../../engine/urn";
import type { Deployment } from "../state/deployment";
import type { Untracked } from "./untracked";
import { VM_TYPE } from "./vm-name";

const GIB = 2 ** 30;

const PARENT_TYPE = "vmstation:hypervisor:Hypervisor";
const PROVIDER_TYPE = "pulumi:providers:proxmoxve";

/** What an entry is made of, beside the machine. */
export interface EntryContext extends Omit<VmContext, "image" | "vendorData"> {
  readonly project: string;
  readonly stack: string;
}

/**
 * The state with an entry for a machine that is in Proxmox and not in the state; undefined where the state lacks what
 * the entry belongs to. The entry says that the machine's making has failed, so that it is read before the update.
 *
 * Not `pulumi import`: without the settings of the configuration the provider waits 15 minutes for the guest agent's
 * addresses, which a new machine does not have.
 */
export function enterVm(
  deployment: Deployment,
  { machine, disk, vendorData }: Pick<Untracked, "machine" | "disk" | "vendorData">,
  { project, stack, ...context }: EntryContext,
): Deployment | undefined {
  const resources = deployment.resources ?? [];
  const parent = resources.find(({ type }) => type === PARENT_TYPE);
  const provider = resources.find(({ type }) => type === PROVIDER_TYPE);
  if (parent === undefined || typeof provider?.id !== "string") return undefined;
  const name = vmName(parseUrn(parent.urn).name, machine.name);
  const urn = renderUrn({ stack, project, parent: parent.urn, type: VM_TYPE, name });
  // What Proxmox has of it: the provider would make the machine again with another file.
  const inputs = renderInputs(machine, { ...context, vendorData });
  const entry = {
    ...{ urn, type: VM_TYPE, custom: true, id: String(machine.vm.id) },
    ...{ parent: parent.urn, provider: `${provider.urn}::${provider.id}` },
    ...{ inputs, outputs: withSize(inputs, disk) },
    ...{ protect: true, retainOnDelete: true, ignoreChanges: leftAlone(machine) },
    initErrors: ["an update was cut while Proxmox made this machine"],
  };
  const operations = deployment.pending_operations;
  return {
    ...deployment,
    resources: [...resources, entry],
    ...(operations == null
      ? {}
      : { pending_operations: operations.filter(({ resource }) => resource.urn !== urn) }),
  };
}

/** So that the update sees a disk that is still the image's. The provider takes 0 for "as before". */
function withSize(inputs: Inputs, bytes: number): Inputs {
  const size = Math.max(1, Math.floor(bytes / GIB));
  return { ...inputs, disks: inputs.disks.map((disk) => ({ ...disk, size })) };
}

type Inputs = Readonly<Record<string, unknown>> & { readonly disks: readonly object[] };

/** As the program writes them, without the image: the disk is there already. */
function renderInputs(machine: VirtualMachine, context: Omit<VmContext, "image">): Inputs {
  const { disks, ...rest } = renderVm(machine, { ...context, image: "" });
  if (!Array.isArray(disks)) throw new Error("the disks are not known yet");
  return { ...rest, disks: disks.map((disk: object) => ({ ...disk, importFrom: undefined })) };
}
