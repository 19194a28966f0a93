import type { Change } from "../../support/homelab";

/** A change to the homelab's configuration that must not get past the first look. */
export interface Rejection {
  readonly name: string;
  readonly changes: readonly Change[];
  /** The key that the message points at, what it says stands there, and what it says is right. */
  readonly path: string;
  readonly found: RegExp;
  readonly accepted: RegExp;
}

/** The path of a machine's key. */
export const machine = (name: string, ...keys: string[]): string[] => ["machines", name, ...keys];
