import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { checkConfig } from "../../../stacks/check";
import { valuesOf } from "../../support/homelab";
import { writeStackFile } from "../../bench/stack-file";

describe("the bench's stack file", () => {
  it("describes machines that can be together, as many as are asked for", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-bench-file-"));
    try {
      const file = path.join(folder, "stack.yaml");
      writeStackFile(file, 70);
      const values = valuesOf(fs.readFileSync(file, "utf8"));
      const { site, problems } = checkConfig({ values, secretKeys: [] });
      assert.deepEqual(problems, []);
      assert.equal(site?.machines.length, 70);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
