import type { z } from "zod";
import type { MonitoringPart } from "./part";
import * as registry from "./registry";

type Part = (typeof registry)[keyof typeof registry];

const placeOf = ({ place }: Part): number => place ?? Infinity;

/** Every part, by its place. Parts without one come last, sorted by name. */
export const parts: readonly Part[] = Object.values(registry).sort((a, b) =>
  placeOf(a) < placeOf(b) ? -1 : placeOf(a) > placeOf(b) ? 1 : 0,
);

/** The keys that a part names. The type of a part that names none would allow any key. */
type KeysOf<One> =
  One extends MonitoringPart<infer Keys> ? (string extends keyof Keys ? never : Keys) : never;

/** `A | B` → `A & B` */
type Together<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** The configuration keys of all parts. */
export function partKeys(): Together<KeysOf<Part>>;
export function partKeys(): z.ZodRawShape {
  return Object.fromEntries(parts.flatMap(({ keys = {} }) => Object.entries(keys)));
}
