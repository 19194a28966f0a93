import assert from "node:assert/strict";
import fc from "fast-check";
import { LogStream } from "../../../scripts/kit/ssh/log-stream";
import { Redactor } from "../../../scripts/kit/redact/redact";
import { KeyLines } from "../../../scripts/kit/redact/key-lines";
import { JWT, PEM } from "./samples";

/** Cases of each property; VMSTATION_CASES asks for more. */
const RUNS = Number(process.env.VMSTATION_CASES ?? 12);

describe("lines that come one by one", () => {
  it("lose a key that runs over several, and go on after it", () => {
    const keys = new KeyLines();
    const redactor = new Redactor();
    const lines = `one\n${PEM}two`.split("\n");
    assert.deepEqual(
      lines.flatMap((line) => redactor.redactLine(line, keys) ?? []),
      ["one", "<redacted>", "two"],
    );
  });
});

describe("a stream", () => {
  it("is the same however it is cut into buffers", () => {
    const text = [
      "one",
      PEM.trimEnd(),
      "password=hunter2",
      "zwölf €",
      `Authorization: Bearer ${JWT}`,
      "curl -u ops:hunter2 x",
      "end",
    ].join("\n");
    const bytes = Buffer.from(text);
    const pass = (cuts: readonly number[]): string => {
      let out = "";
      const stream = new LogStream((part) => (out += part));
      const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
      for (const [i, from] of places.entries()) stream.push(bytes.subarray(from, places[i + 1]));
      stream.end();
      return out;
    };
    const whole = pass([]);
    assert.ok(!/hunter2|eyJ|MC4C/.test(whole) && whole.includes("zwölf €"), whole);
    const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (places) => {
        assert.equal(pass(places), whole);
      }),
      { numRuns: RUNS },
    );
  });
});
