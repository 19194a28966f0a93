import { appImages, type ImagePin } from "../../versions";

/** What differs between the two. Both are told by the same settings, and answer the same API. */
export interface Engine {
  readonly title: string;
  readonly image: ImagePin;
  /** Its program, in its image or in the folder that it was copied to. */
  readonly program: string;
  /** Whether its program has to be copied before it runs: see copiedProgram. */
  readonly isCopied: boolean;
  /** What its own variables begin with: "BAO_TOKEN". */
  readonly variables: string;
  readonly settings: Readonly<Record<string, boolean>>;
}

/** Where a copied program lies. */
export const COPIED = "/run/vault";

export const ENGINES = {
  openbao: {
    title: "OpenBao",
    image: appImages.openbao,
    program: "bao",
    isCopied: false,
    variables: "BAO",
    settings: {},
  },
  vault: {
    title: "Vault",
    image: appImages.vault,
    program: `${COPIED}/vault`,
    // Its file may have the capability IPC_LOCK, and Linux refuses such a program where a pod may not have it.
    isCopied: true,
    variables: "VAULT",
    // Without that capability it cannot lock its memory; with raft it wants to be told so.
    settings: { disable_mlock: true },
  },
} as const satisfies Record<string, Engine>;

export type EngineName = keyof typeof ENGINES;
