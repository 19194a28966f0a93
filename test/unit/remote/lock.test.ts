import assert from "node:assert/strict";
import * as fs from "node:fs";
import { Sandbox } from "../../support/sandbox";

describe("a machine's lock", () => {
  for (const umask of [0o000, 0o022]) {
    it(`lies where root alone can open it, no matter who runs it with umask ${umask.toString(8)}`, () => {
      const box = new Sandbox();
      const before = process.umask(umask);
      try {
        const ran = box.run({ name: "test", script: "step() { :; }", libraries: [] }, "apply");
        assert.equal(ran.code, 0, ran.stderr);
        assert.equal(fs.statSync(box.at("run/vmstation")).mode & 0o777, 0o700);
        assert.deepEqual(fs.readdirSync(box.at("run")), ["vmstation"]);
        assert.deepEqual(fs.readdirSync(box.at("run/vmstation")).sort(), ["lock", "owner"]);
        assert.match(box.read("run/vmstation/owner"), /^test, process \d+, since /);
      } finally {
        process.umask(before);
        box.remove();
      }
    });
  }
});
