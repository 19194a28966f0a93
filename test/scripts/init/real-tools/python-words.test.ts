import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { z } from "zod";
import { parseLiteral } from "../../../../scripts/verbs/init/inventory/literal";
import { strip } from "../../../../scripts/verbs/init/inventory/python";
import { splitWords } from "../../../../scripts/verbs/init/inventory/shlex";
import { isValueMap, Opaque, type Value } from "../../../../scripts/verbs/init/inventory/values";
import { UserError } from "../../../../scripts/kit/user-error";
import { countCases, SEED } from "./in-namespace";

const CASES = countCases(2000);

const piece = fc.constantFrom(
  ...[
    "1",
    "0",
    "12",
    "0x1f",
    "1.5",
    "1e3",
    "'a'",
    '"b c"',
    "True",
    "None",
    "x",
    "[",
    "]",
    "(",
    ")",
  ],
  ...[
    "{",
    "}",
    ",",
    ":",
    " ",
    "  ",
    "#",
    "-",
    "+",
    "'",
    '"',
    "\\",
    "b'x'",
    "r'\\n'",
    "u'z'",
    "f'q'",
  ],
  ...[
    "_",
    "1_0",
    "j",
    "...",
    "set()",
    "'''t'''",
    "'\\x41'",
    "'\\t'",
    "'\\101'",
    "é",
    "\t",
    "=",
    ".",
  ],
  ...["0o7", "'\\u00e9'", "00", "01", "1, 2", "[1, 'a']", "{'k': 1}", "'\\q'", "\\ ", '\\"'],
);
const text = fc.array(piece, { minLength: 1, maxLength: 7 }).map((parts) => strip(parts.join("")));

function plain(value: Value): unknown {
  const isEndless = typeof value === "number" && !Number.isFinite(value);
  if (value instanceof Opaque || isEndless) return { opaque: true };
  if (typeof value === "bigint") return { int: String(value) };
  if (isValueMap(value)) return [...value].map(([key, each]) => [plain(key), plain(each)]);
  if (Array.isArray(value)) return value.map((each: Value) => plain(each));
  return value;
}

function readLiteral(given: string): unknown {
  try {
    return plain(parseLiteral(given));
  } catch (error) {
    if (error instanceof UserError) return { refused: true };
    throw error;
  }
}

describe("a word of an inventory, as Python reads it", () => {
  before(function () {
    if (spawnSync("python3", ["--version"]).status === 0) return;
    console.log("    skipped: no python3 here");
    this.skip();
  });

  it(`is the same literal, and a line the same words (seed ${SEED}, ${CASES} cases)`, () => {
    const cases = fc.sample(text, { numRuns: CASES, seed: SEED });
    const ran = spawnSync("python3", ["-B", join(__dirname, "read_words.py")], {
      encoding: "utf8",
      input: cases.map((each) => `${JSON.stringify(each)}\n`).join(""),
      maxBuffer: 2 ** 28,
    });
    assert.equal(ran.status, 0, ran.stderr);
    const answers = ran.stdout.trim().split("\n");
    let literals = 0;
    for (const [index, answer] of answers.entries()) {
      const given = cases[index] ?? "";
      const [literal, words] = z.tuple([z.unknown(), z.unknown()]).parse(JSON.parse(answer));
      assert.deepEqual(readLiteral(given), literal, given);
      assert.deepEqual(splitWords(given) ?? null, words, given);
      if (literal !== given) literals++;
    }
    assert.ok(answers.length === CASES && literals > CASES / 20, `${literals} literals`);
  });
});
