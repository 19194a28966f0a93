import fc from "fast-check";

/** Any character of Unicode. (fast-check's own `unit: "binary"` builds a table of all of them: 0.8 s and 100 MB.) */
const CHARACTER = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((point) => String.fromCodePoint(point));

/** Text of any characters, of no more than `maxLength` of them. */
export function anyText(maxLength?: number): fc.Arbitrary<string> {
  return fc.string({ unit: CHARACTER, ...(maxLength === undefined ? {} : { maxLength }) });
}
