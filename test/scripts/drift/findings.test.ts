import assert from "node:assert/strict";
import * as fc from "fast-check";
import { judge, parseDifferences } from "../../../scripts/kit/look/findings";
import { chain, fileStep } from "./fake-machines";

const word = fc.stringMatching(/^[^\t\n\r]+$/);
const difference = fc.record({
  ...{ kind: word, name: word, reason: word },
  details: fc.option(fc.array(fc.stringMatching(/^[^\n\r]*$/), { minLength: 1 }), { nil: null }),
});

function judged(code: number, stdout: string, stderr = "", secret = false) {
  const [target] = chain("m", [fileStep("kernel", "x\n")], { secret }).targets;
  if (target === undefined || typeof target.script === "string") throw new Error("no script");
  const { status, reason, differences } = judge(target, target.script, {
    ...{ index: 0, code, stdout, stderr },
  });
  return { status, reason, differences };
}

const DIFF = "drift\tfile\t/etc/a\tcontent differs\n\t--- described\n\t+hunter2\n";

describe("what a check prints", () => {
  it("is a list with differences with their details", () => {
    fc.assert(
      fc.property(fc.array(difference), (differences) => {
        const text = differences
          .map(({ kind, name, reason, details }) => {
            const lines = (details ?? []).map((line) => `\t${line}\n`).join("");
            return `drift\t${kind}\t${name}\t${reason}\n${lines}`;
          })
          .join("");
        const expected = differences.map((each) => ({
          ...each,
          details: each.details === null ? null : each.details.join("\n"),
        }));
        assert.deepEqual(parseDifferences(text), expected);
      }),
    );
  });

  it("are not forged by the content of a file", () => {
    const found = parseDifferences("drift\tfile\t/a\tdiffers\n\tdrift\tunit\tssh\tgone\n");
    assert.deepEqual(found, [
      { kind: "file", name: "/a", reason: "differs", details: "drift\tunit\tssh\tgone" },
    ]);
  });

  it("means drift only with code 3 and something to tell", () => {
    assert.equal(judged(0, "").status, "as-described");
    assert.equal(judged(3, DIFF).status, "drifted");
    // systemctl ends with 3 as well: a step that stops there has not looked to its end.
    assert.equal(judged(3, "", "Unit x could not be found.\n").status, "could-not-look");
    assert.equal(judged(1, DIFF).status, "could-not-look");
  });

  it("says why a check could not look", () => {
    const said = "vmstation: m: kernel: no module\n  to do: install it\n";
    assert.equal(
      judged(1, "", said).reason,
      "its check stopped with code 1:\nvmstation: m: kernel: no module\n  to do: install it",
    );
    assert.equal(judged(124, "").reason, "its check took longer than 60 s");
  });

  it("shows of a step with secrets neither details nor what its programs say", () => {
    const drifted = judged(3, DIFF, "", true);
    assert.deepEqual(drifted.differences, [
      { kind: "file", name: "/etc/a", reason: "content differs", details: null },
    ]);
    const said = "hunter2: not found\nvmstation: m: kernel: cannot\n  to do: try\n";
    const failed = judged(1, "", said, true);
    assert.equal(
      failed.reason,
      "its check stopped with code 1:\nvmstation: m: kernel: cannot\n  to do: try",
    );
  });
});
