import assert from "node:assert/strict";
import fc from "fast-check";
import { listTexts } from "../../../scripts/kit/redact/known";
import { Redactor } from "../../../scripts/kit/redact/redact";
import { ENCODINGS, secrets } from "./encodings";

/** Cases of each property; VMSTATION_CASES asks for more. */
const RUNS = Number(process.env.VMSTATION_CASES ?? 12);

/** What a secret must not leave behind: eight characters in a row of how it was written. */
function listParts(written: string): string[] {
  return Array.from({ length: Math.max(0, written.length - 7) }, (_, i) => written.slice(i, i + 8));
}

/** Whether an encoding writes the same around any secret: the name before it in base64, an entity's beginning. */
function isAround(part: string, secret: string, encode: (secret: string) => string): boolean {
  const other = encode(secret.replace(/[^]/gu, (char) => "~".repeat(Buffer.byteLength(char))));
  return other.includes(part);
}

/** What stands in a log, and is no secret. */
const WORDS = fc.oneof(
  fc.constantFrom(
    ...[
      "Started",
      "kubelet",
      "pod",
      "default/web-5d78c9869d-abcde",
      "failed:",
      "exit",
      "code=1",
      "a+b",
    ],
    ...[
      "192.168.8.63:6443",
      "(code=exited,",
      "100%",
      "%20",
      "&amp;",
      "\\n",
      "C:\\\\x",
      "it's",
      '"GET /x"',
    ],
    ...[
      "https://example.org/a?b=c#d",
      "2026-11-20T12:00:00Z",
      "level=info",
      '{"a":[1,"b"]}',
      "''",
      "-u",
    ],
    ...[
      "sha256:0b9fcca2e3f4a5b6c7d8e9f0",
      "dGhpcyBpcyBubyBzZWNyZXQgYXQgYWxs",
      "\\u0041",
      "user",
      "ops",
    ],
  ),
  fc.stringMatching(/^[a-z]{1,9}$/),
  fc.nat().map(String),
);

describe("a secret that is known", () => {
  for (const [name, encode] of Object.entries(ENCODINGS)) {
    it(`is found: ${name}`, () => {
      const around = fc.stringMatching(/^[ a-z0-9:=,.]{0,12}$/);
      fc.assert(
        fc.property(secrets, around, around, (secret, before, after) => {
          const written = encode(secret);
          const text = `${before} ${written} ${after}`;
          const left = new Redactor([secret]).redact(text);
          assert.ok(left.includes("<redacted>"), left);
          // A secret may begin as the mark does.
          const rest = left.replaceAll("<redacted>", "\0");
          for (const part of listParts(written)) {
            const isElsewhere = `${before} ${after}`.includes(part);
            assert.ok(isElsewhere || !rest.includes(part) || isAround(part, secret, encode), left);
          }
        }),
        { numRuns: RUNS },
      );
    });
  }

  it("takes nothing else out of a log", () => {
    const text = fc
      .array(fc.array(WORDS, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 })
      .map((lines) => lines.map((words) => words.join(" ")).join("\n"));
    fc.assert(
      fc.property(fc.array(secrets, { maxLength: 4 }), text, (known, log) => {
        fc.pre(known.every((secret) => !log.includes(secret)));
        assert.equal(new Redactor(known).redact(log), log);
      }),
      { numRuns: RUNS },
    );
  });

  it("is found where YAML folds a line right after its backslash", () => {
    const folded = ENCODINGS["YAML in folded lines"]?.('\\ !!""""""""') ?? assert.fail();
    assert.match(folded, /\\\\\n/);
    assert.equal(new Redactor(['\\ !!""""""""']).redact(folded), '"a": "<redacted>"\n');
  });

  it("is removed where the text begins or ends within it", () => {
    const redactor = new Redactor(["correct-horse-battery"]);
    assert.equal(redactor.redact("horse-battery is"), "<redacted> is");
    assert.equal(redactor.redact("it is correct-ho"), "it is <redacted>");
    assert.equal(redactor.redact("battery is correct"), "battery is correct");
  });

  it("is removed line by line if it has several", () => {
    const redactor = new Redactor(["first-line-of-it\nsecond-line-of-it\n"]);
    assert.equal(redactor.redact("a second-line-of-it b"), "a <redacted> b");
  });

  it("is removed only as a whole word if it is short, and kept below four characters", () => {
    const redactor = new Redactor(["ADMIN", "abc"]);
    assert.equal(
      redactor.redact("user ADMIN, ADMINISTRATOR, abc"),
      "user <redacted>, ADMINISTRATOR, abc",
    );
    assert.deepEqual(listTexts(["abc"]), []);
  });

  it("is removed whole if it contains another secret", () => {
    assert.equal(
      new Redactor(["battery1", "horse-battery1"]).redact("horse-battery1"),
      "<redacted>",
    );
  });
});
