import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";
import fc from "fast-check";
import * as changed from "google-protobuf";

/** The package as it is on disk. The tests are started through register.cjs, so theirs is changed. */
function loadUnchanged(): typeof changed {
  const text = readFileSync(require.resolve("google-protobuf"), "utf8");
  const module: { exports: typeof changed } = { exports: { ...changed } };
  compileFunction(text, ["exports"]).call(module.exports, module.exports);
  return module.exports;
}

// Any UTF-16, short and long: halves of pairs, nulls and byte order marks among it.
const units = fc.constantFrom("a", "é", "€", "𝄞", "\ud834", "\udd1e", "\0", "\ufeff");
const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: units, minLength: 80, maxLength: 120 }),
  fc.string({ unit: units }).map((text) => text.repeat(1000)),
);

function write({ BinaryWriter }: typeof changed, text: string): Uint8Array {
  const writer = new BinaryWriter();
  writer.writeString(1, text);
  return writer.getResultBuffer();
}

function read({ BinaryReader }: typeof changed, bytes: Uint8Array): [string, boolean] {
  const reader = new BinaryReader(bytes);
  assert.ok(reader.nextField());
  return [reader.readString(), reader.nextField()];
}

describe("texts in messages", () => {
  const unchanged = loadUnchanged();

  it("are coded by other code than the package's", () => {
    for (const [kind, method] of [
      ["BinaryWriter", "writeString"],
      ["BinaryReader", "readString"],
    ] as const) {
      const codeOf = (from: typeof changed) =>
        String(Object.getOwnPropertyDescriptor(from[kind].prototype, method)?.value);
      assert.notEqual(codeOf(changed), codeOf(unchanged));
    }
  });

  it("are sent byte for byte as the package sends them", () => {
    fc.assert(
      fc.property(texts, (text) => {
        assert.deepEqual(write(changed, text), write(unchanged, text));
      }),
    );
  });

  // Only Unicode arrives: protobuf's other implementations refuse to send anything else.
  it("are read as the package reads them, and what follows too", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const bytes = write(unchanged, Buffer.from(text).toString());
        assert.deepEqual(read(changed, bytes), read(unchanged, bytes));
      }),
    );
  });
});
