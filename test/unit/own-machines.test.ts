import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const TESTS = path.join(__dirname, "..");

/** Machines of the example stack, written so that this file does not name them. */
const MACHINES = [["master", "node"].join(""), ["storagenode", "t3500"].join("")];

/** The example's own tests, which do nothing where there is no example. */
const ABOUT_THE_EXAMPLE = ["unit/stacks/jigga.test.ts", "unit/stacks/lab.test.ts"];

function listTexts(): { file: string; text: string }[] {
  return readdirSync(TESTS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(br|svg|png|pyc|lock|sum)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ file: path.relative(TESTS, file), text: readFileSync(file, "utf8") }));
}

describe("the tests", () => {
  const texts = listTexts();
  const those = (wrong: RegExp): string[] =>
    texts.filter(({ text }) => wrong.test(text)).map(({ file }) => file);

  it("name no machine of a person's stack: their machines are in fixtures/homelab.yaml", () => {
    assert.ok(texts.length > 300);
    assert.deepEqual(those(new RegExp(MACHINES.join("|"), "i")), []);
  });

  it("read no stack of the checkout, whose owner may change or remove it", () => {
    const reads = /(ROOT|__dirname|\.\.\/)\W[^;]{0,80}Pulumi\.(homelab|jigga|lab|\$\{)/;
    assert.deepEqual(those(reads), ABOUT_THE_EXAMPLE);
  });
});
