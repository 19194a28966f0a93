import type { Machine } from "../node/machine";
import type { VmConfig } from "./config";

/** A machine of the stack that is virtual. */
export interface VirtualMachine extends Machine {
  readonly vm: VmConfig;
}

export function isVirtual<M extends Machine & { readonly vm?: VmConfig | undefined }>(
  machine: M,
): machine is M & VirtualMachine {
  return machine.vm !== undefined;
}
