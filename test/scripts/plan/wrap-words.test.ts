import assert from "node:assert/strict";
import fc from "fast-check";
import { wrapWords } from "../../../scripts/kit/terminal/wrap-words";

describe("wrapping", () => {
  it("keeps all words in order, and lines within the width unless one word is longer", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/)),
        fc.integer({ min: 1, max: 30 }),
        (words, width) => {
          const lines = wrapWords(words.join(" "), width);
          assert.deepEqual(
            lines.flatMap((line) => line.split(" ")),
            words,
          );
          for (const line of lines) assert.ok(line.length <= width || !line.includes(" "), line);
        },
      ),
    );
  });
});
