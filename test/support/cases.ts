import fc from "fast-check";

/**
 * How many generated cases a comparison with a real tool tries: `usual` in `npm test`, or what the variable
 * VMSTATION_CASES says.
 */
export function countCases(usual: number): number {
  const { VMSTATION_CASES: asked } = process.env;
  if (asked === undefined) return usual;
  const count = Number(asked);
  if (!Number.isInteger(count) || count < 1) throw new Error("VMSTATION_CASES: a number of cases");
  return count;
}

/** The seed of this run's cases: VMSTATION_SEED repeats an earlier run's. Show it where a case fails. */
export function chooseSeed(): number {
  const { VMSTATION_SEED: asked } = process.env;
  return asked === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(asked);
}

/** Generated cases, with the seed that gives the same ones again. */
export function generate<T>(
  arbitrary: fc.Arbitrary<T>,
  usual: number,
): { cases: T[]; seed: number } {
  const seed = chooseSeed();
  return { cases: fc.sample(arbitrary, { numRuns: countCases(usual), seed }), seed };
}
