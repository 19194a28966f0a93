import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { RawConfig } from "../../stacks/check";

const file = z.object({ config: z.record(z.string(), z.unknown()) });

/** The stack that the tests know. It is nobody's: the tests read no stack of the checkout. */
export const HOMELAB_FILE = path.join(__dirname, "fixtures/homelab.yaml");

/** The configuration in a stack's file, as the program reads it. */
export function valuesOf(text: string): Record<string, unknown> {
  const { config } = file.parse(parse(text));
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^vmstation:/, ""), value]),
  );
}

const values = valuesOf(fs.readFileSync(HOMELAB_FILE, "utf8"));

/** The configuration of the tests' homelab, as the program reads it, fresh for each caller. */
export function homelabValues(): Record<string, unknown> {
  return structuredClone(values);
}

/** One change: a path of keys, and the value to put there; undefined takes the key out. */
export type Change = readonly [path: readonly string[], value: unknown];

function put(target: object, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined) return;
  if (rest.length === 0) {
    if (value === undefined) Reflect.deleteProperty(target, key);
    else Reflect.set(target, key, value);
    return;
  }
  const next: unknown = Reflect.get(target, key);
  if (typeof next === "object" && next !== null) {
    put(next, rest, value);
    return;
  }
  const created = {};
  Reflect.set(target, key, created);
  put(created, rest, value);
}

/** The homelab with some changes. */
export function changedHomelab(...changes: readonly Change[]): RawConfig {
  const changed = homelabValues();
  // A change below another one changes nothing of the caller's.
  for (const [keys, value] of changes) put(changed, keys, structuredClone(value));
  return { values: changed, secretKeys: [] };
}
