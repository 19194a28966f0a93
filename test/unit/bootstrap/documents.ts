import assert from "node:assert/strict";
import { z } from "zod";

/** The document of that kind, as a loose object. */
export function ofKind(documents: readonly object[], kind: string): Record<string, unknown> {
  const found = documents.find((d) => z.looseObject({ kind: z.string() }).parse(d).kind === kind);
  assert.ok(found, kind);
  return z.record(z.string(), z.unknown()).parse(found);
}
