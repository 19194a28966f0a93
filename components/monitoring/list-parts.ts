import type { z } from "zod";
import type { MonitoringPart } from "./part";
import * as registry from "./registry";

type Part = (typeof registry)[keyof typeof registry];

const placeOf = ({ place }: Part): number => place ?? Infinity;

/** Every part, those without a place last, by name. */
export const parts: readonly Part[] = Object.values(registry).sort((a, b) =>
  placeOf(a) < placeOf(b) ? -1 : placeOf(a) > placeOf(b) ? 1 : 0,
);

/** The keys that a part names. One that names none has the type of any keys. */
type KeysOf<One> =
  One extends MonitoringPart<infer Keys> ? (string extends keyof Keys ? never : Keys) : never;

/** `A | B` → `A & B` */
type Together<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** What a user may write, of all parts. */
export function partKeys(): Together<KeysOf<Part>>;
export function partKeys(): z.ZodRawShape {
  return Object.fromEntries(parts.flatMap(({ keys = {} }) => Object.entries(keys)));
}
