import type { z } from "zod";

type Entries = Readonly<Record<string, { readonly schema: z.ZodType }>>;

/** The schemas of a registry's entries under their names, in the order of these. */
export function schemasOf<Registry extends Entries>(
  registry: Registry,
): { [Name in keyof Registry]: Registry[Name]["schema"] };
export function schemasOf(registry: Entries): Readonly<Record<string, z.ZodType>> {
  const sorted = Object.entries(registry).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, { schema }]) => [name, schema]));
}
