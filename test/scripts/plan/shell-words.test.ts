import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { parseShellWords } from "../../../scripts/engine/shell-words";

function shellSays(line: string): string[] {
  const script = `for word in ${line}; do printf '%s\\0' "$word"; done`;
  return execFileSync("sh", ["-fc", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

describe("words of a command line", () => {
  for (const line of [
    "",
    "--require ./scripts/loader/register.cjs",
    `a'b c'"d e"f`,
    `'' "" x`,
    `a\\ b "c\\"d" 'e\\f'`,
    "  --max-old-space-size=4096   --no-warnings ",
  ]) {
    it(`are those of the shell for ${JSON.stringify(line)}`, () => {
      assert.deepEqual(parseShellWords(line), shellSays(line));
    });
  }

  it("come back from single quotes as they were", () => {
    const words = fc.array(fc.string().filter((word) => !word.includes("'")));
    fc.assert(
      fc.property(words, (list) => {
        assert.deepEqual(parseShellWords(list.map((word) => `'${word}'`).join(" ")), list);
      }),
    );
  });

  it("refuse a quote that is not closed", () => {
    assert.throws(() => parseShellWords("a 'b"), /unfinished quoting/);
    assert.throws(() => parseShellWords('"b'), /unfinished quoting/);
  });
});
