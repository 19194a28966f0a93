import fc from "fast-check";
import {
  Asset,
  type PropertyMap,
  type PropertyValue,
  Ref,
  Secret,
  UNKNOWN,
} from "../../../scripts/engine/values";

const keys = fc.string({ minLength: 1, maxLength: 8 }).filter((key) => key !== "__proto__");

const { value } = fc.letrec<{ value: PropertyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<PropertyValue>(null, true, false, UNKNOWN),
    fc.string(),
    fc.integer(),
    fc
      .record({ urn: fc.string(), id: fc.option(keys, { nil: undefined }) })
      .map(({ urn, id }) => new Ref(urn, id)),
    fc.string().map((text) => new Asset("asset", { text })),
    tie("value").map((inner) => new Secret(inner)),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(keys, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

/** Any property map, secrets and unknowns at any depth. */
export const propertyMaps: fc.Arbitrary<PropertyMap> = fc.dictionary(keys, value, {
  maxKeys: 4,
  noNullPrototype: true,
});

/** A graph without cycles: each node may need only those before it. */
export const acyclicEdges: fc.Arbitrary<Map<string, Set<string>>> = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 9 })
  .map((needs) => {
    const name = (index: number): string => `r${String(index)}`;
    return new Map(
      needs.map((needed, index) => {
        const before = index === 0 ? [] : needed.map((number) => name(number % index));
        return [name(index), new Set(before)];
      }),
    );
  });
