import { createHash } from "node:crypto";

/** By which pods are replaced when what they read at their start changes: 16 hexadecimal digits. */
export function digestOf(...texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex").slice(0, 16);
}
