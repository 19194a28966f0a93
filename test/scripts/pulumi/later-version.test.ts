import assert from "node:assert/strict";
import { findLaterVersion } from "../../../scripts/kit/pulumi/later-version";

function stateOf(version: unknown): { type: string; outputs?: unknown }[] {
  return [{ type: "a:b:C" }, { type: "pulumi:pulumi:Stack", outputs: { version } }];
}

describe("the version that has applied a state", () => {
  it("is later by its numbers, not by its letters", () => {
    for (const [applied, own] of [
      ["0.10.0", "0.9.9"],
      ["1.0.0", "0.99.99"],
      ["0.3.1", "0.3.0"],
    ] as const) {
      assert.equal(findLaterVersion(stateOf(applied), own), applied);
      assert.equal(findLaterVersion(stateOf(own), applied), undefined);
      assert.equal(findLaterVersion(stateOf(own), own), undefined);
    }
  });

  it("is not compared if the state has no version, or an unreadable one", () => {
    for (const version of [undefined, 7, "next", ""])
      assert.equal(findLaterVersion(stateOf(version), "0.3.0"), undefined);
    assert.equal(findLaterVersion([], "0.3.0"), undefined);
    assert.equal(findLaterVersion([{ type: "pulumi:pulumi:Stack" }], "0.3.0"), undefined);
  });
});
