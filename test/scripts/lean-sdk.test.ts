import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { compileFunction } from "node:vm";
import fc from "fast-check";
import * as changed from "google-protobuf";
import { z } from "zod";
import { anyText } from "../support/any-text";

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
  anyText(300),
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

/** Prints at the end which files of packages a process has loaded, by their paths in node_modules. */
const LIST_LOADED = `
process.on("exit", () => {
  const loaded = Object.keys(require.cache).map((file) => file.split("/node_modules/").pop());
  require("node:fs").appendFileSync(process.env.LOADED, loaded.join("\\n") + "\\n");
});`;

const { CHANGES, RARELY_CALLED, RARELY_USED } = z
  .object({
    CHANGES: z.record(z.string(), z.unknown()),
    RARELY_CALLED: z.array(z.instanceof(RegExp)),
    RARELY_USED: z.array(z.instanceof(RegExp)),
  })
  .parse(createRequire(__filename)("../../scripts/loader/lean-sdk.cjs"));

describe("what is kept out of the SDK", function () {
  this.timeout(60_000);

  it("would all be loaded without that: no change is left over from an older SDK", () => {
    const folder = mkdtempSync(join(tmpdir(), "vmstation-test-"));
    const [list, loaded] = [join(folder, "list.cjs"), join(folder, "loaded")];
    writeFileSync(list, LIST_LOADED);
    const root = resolve(__dirname, "../..");
    const program = join(root, "test/support/fixtures/plan/program");
    const ran = spawnSync(
      process.execPath,
      [join(root, "scripts/vmstation.cjs"), "-C", program, "plan", "--json", "-s", "lab"],
      {
        env: {
          ...process.env,
          ...{ VMSTATION_FULL_SDK: "1", NODE_OPTIONS: `--require ${list}`, LOADED: loaded },
        },
        encoding: "utf8",
      },
    );
    assert.equal(ran.status, 0, ran.stderr);
    const names = readFileSync(loaded, "utf8").split("\n");
    rmSync(folder, { recursive: true });
    const isLoaded = (pattern: RegExp): boolean => names.some((name) => pattern.test(name));
    for (const file of Object.keys(CHANGES)) assert.ok(names.includes(file), file);
    for (const pattern of [...RARELY_USED, ...RARELY_CALLED]) {
      assert.ok(isLoaded(pattern), String(pattern));
    }
  });
});
