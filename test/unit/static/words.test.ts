import assert from "node:assert/strict";
import { UNUSUAL, unusualWords } from "../../static/words";

describe("the list of words", () => {
  it("finds each with its line and says the usual one", () => {
    assert.deepEqual(unusualWords("It starts again.\nIt starts Anew; 100 unless told.\n").sort(), [
      "2: Anew; usual: again",
      '2: unless told; usual: default, as in "default: 100"',
    ]);
  });

  it("takes no usual word for one of them", () => {
    const usual = UNUSUAL.map(([, instead]) => instead).join(" ");
    assert.deepEqual(unusualWords(`${usual} goodness, hand, thusness, handover, renewal`), []);
  });
});
