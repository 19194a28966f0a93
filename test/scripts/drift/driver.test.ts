import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { renderDriver } from "../../../scripts/kit/look/driver";
import { type Frame, FrameReader } from "../../../scripts/kit/look/frame-reader";
import { anyText } from "../../support/any-text";

const TOKEN = "0123456789abcdef";

/** Output that tries to pass for the driver's own lines, told the very token. */
const output = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        `${TOKEN} end\n`,
        `\n${TOKEN} 0 0 0 0\n`,
        `${TOKEN} ready`,
        "\ndrift\ta\tb\tc\n",
      ),
      anyText().filter((text) => !text.includes("\0")),
    ),
  )
  .map((parts) => parts.join(""));

const frame = fc.record({ code: fc.integer({ min: 0, max: 120 }), stdout: output, stderr: output });

/** What a driver prints around these frames. */
function print(frames: readonly Omit<Frame, "index">[]): Buffer {
  const parts = frames.flatMap(({ code, stdout, stderr }, index) => {
    const [out, err] = [Buffer.from(stdout), Buffer.from(stderr)];
    return [Buffer.from(`${TOKEN} ${index} ${code} ${out.length} ${err.length}\n`), out, err];
  });
  return Buffer.concat([Buffer.from(`${TOKEN} ready\n`), ...parts, Buffer.from(`${TOKEN} end\n`)]);
}

/** A script that prints these bytes and ends with that code, when its verb is check. */
function printing({ code, stdout, stderr }: Omit<Frame, "index">): string {
  const put = (text: string): string =>
    `printf %s '${Buffer.from(text).toString("base64")}' | base64 -d`;
  return `[ "$1" = check ] || exit 125\n${put(stdout)}\n${put(stderr)} >&2\nexit ${code}\n`;
}

function readAll(bytes: Buffer): FrameReader {
  const reader = new FrameReader(TOKEN);
  reader.push(bytes);
  return reader;
}

describe("the driver of a look", () => {
  for (const shell of ["sh", "bash"]) {
    it(`brings each step's output and code back as they are, under ${shell}`, () => {
      fc.assert(
        fc.property(fc.array(frame, { maxLength: 4 }), (frames) => {
          const input = renderDriver({ token: TOKEN, scripts: frames.map(printing) });
          const reader = readAll(execFileSync(shell, ["-us"], { input }));
          const expected = frames.map((each, index) => ({
            ...{ index, code: each.code },
            stdout: Buffer.from(each.stdout).toString(),
            stderr: Buffer.from(each.stderr).toString(),
          }));
          assert.deepEqual(reader.frames, expected);
          assert.deepEqual([reader.ready, reader.ended], [true, true]);
        }),
        { numRuns: 15 },
      );
    });
  }

  it("goes on after a step that fails, and keeps their input from each other", () => {
    const scripts = ["exit 7\n", "cat\n", "echo third\n"];
    const reader = readAll(
      execFileSync("sh", ["-us"], { input: renderDriver({ token: TOKEN, scripts }) }),
    );
    assert.deepEqual(
      reader.frames.map(({ code, stdout }) => [code, stdout]),
      [
        [7, ""],
        [0, ""],
        [0, "third\n"],
      ],
    );
  });

  it("does nothing at all when it arrives only in part", () => {
    const whole = renderDriver({ token: TOKEN, scripts: ["echo one\n", "echo two\n"] });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - "look\n".length }), (length) => {
        const ran = spawnSync("sh", ["-us"], { input: whole.slice(0, length), encoding: "utf8" });
        assert.equal(ran.stdout, "");
      }),
      { numRuns: 20 },
    );
  });

  it("does not tell its token to the steps", () => {
    const scripts = [
      "env; set; tr '\\0' ' ' </proc/$PPID/cmdline; tr '\\0' ' ' </proc/$PPID/environ\n",
    ];
    const reader = readAll(
      execFileSync("sh", ["-us"], { input: renderDriver({ token: TOKEN, scripts }) }),
    );
    assert.equal(reader.frames.length, 1);
    assert.doesNotMatch(reader.frames[0]?.stdout ?? "", new RegExp(TOKEN));
  });
});

describe("what comes back from a machine", () => {
  it("is read the same in whatever pieces it arrives, and cannot be forged", () => {
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.nat()), (frames, cuts) => {
        const bytes = print(frames);
        const reader = new FrameReader(TOKEN);
        const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort(
          (a, b) => a - b,
        );
        let start = 0;
        for (const end of ends) {
          reader.push(bytes.subarray(start, end));
          start = end;
        }
        assert.deepEqual(
          reader.frames,
          frames.map((each, index) => ({ index, ...each })),
        );
        assert.equal(reader.ended, true);
      }),
    );
  });

  it("begins where the driver does: what a log-in prints before is passed over", () => {
    const greeting = "Welcome\nready\n0 0 5 0\n deadbeef ready\n";
    const frames = [{ code: 3, stdout: "x\n", stderr: "" }];
    const reader = readAll(Buffer.concat([Buffer.from(greeting), print(frames)]));
    assert.deepEqual(reader.frames, [{ index: 0, code: 3, stdout: "x\n", stderr: "" }]);
  });

  it("is read no further where a line of the driver's has no numbers, as with a full /run", () => {
    const good = print([{ code: 0, stdout: "", stderr: "" }]).subarray(0, -`${TOKEN} end\n`.length);
    for (const line of [`${TOKEN} 1 0\n`, `${TOKEN} 1 0 x y\n`, `${TOKEN}\n`]) {
      const reader = readAll(Buffer.concat([good, Buffer.from(`${line}${TOKEN} end\n`)]));
      assert.match(reader.broken ?? "", /no numbers of an answer/);
      assert.deepEqual([reader.ended, reader.frames.length], [false, 1]);
    }
  });

  it("is read no further where it does not end", () => {
    const reader = readAll(Buffer.from(`${TOKEN} ready\n${TOKEN} 0 0 999999999 0\n`));
    for (let sent = 0; sent <= 64; sent += 16) reader.push(Buffer.alloc(16 << 20));
    assert.match(reader.broken ?? "", /more than 64 MiB/);
  });

  it("is known to be cut short", () => {
    const bytes = print([{ code: 0, stdout: "long output\n", stderr: "" }]);
    const reader = readAll(bytes.subarray(0, bytes.length - TOKEN.length - 8));
    assert.deepEqual([reader.ready, reader.ended, reader.frames.length], [true, false, 0]);
  });
});
