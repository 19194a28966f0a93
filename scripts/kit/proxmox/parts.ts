import type { PartKind } from "../../../components/hypervisor/virtual";
import { POOL_TYPE, VNET_TYPE, ZONE_TYPE } from "./vm-name";

/** What machines share in Proxmox, that an update has made and Pulumi's state has not. */
export interface Part {
  readonly kind: PartKind;
  /** Proxmox's own name of it, which is Pulumi's too. */
  readonly id: string;
  /** As the program gives them. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** It, or why it is not taken up. */
export type FoundPart = Part | { readonly problem: string };

export const PART_TYPES = {
  pool: POOL_TYPE,
  zone: ZONE_TYPE,
  vnet: VNET_TYPE,
} as const satisfies Readonly<Record<PartKind, string>>;

/** What the program gives beside the inputs: see createPool and createNetwork. */
export const PART_OPTIONS = {
  pool: { retainOnDelete: true, ignoreChanges: ["comment"] },
  zone: { retainOnDelete: true, protect: true },
  vnet: { retainOnDelete: true, protect: true, ignoreChanges: ["alias"] },
} as const satisfies Readonly<Record<PartKind, object>>;

const WORDS: Readonly<Record<PartKind, string>> = {
  pool: "the pool",
  zone: "the SDN zone",
  vnet: "the SDN network",
};

export function renderPartTakenUp({ kind, id }: Part): string {
  return `${WORDS[kind]} ${id} was made by an update that was cut. It is in the state now.`;
}
