import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

const ROOT = path.join(__dirname, "../../..");

/** What is compared with times that somebody else has written, or is only shown. */
const BY_THE_WALL = new Set([
  "scripts/verbs/hold/render.ts",
  "scripts/verbs/power/run.ts",
  "scripts/verbs/status/run.ts",
  "scripts/kit/pulumi/follow/follow.ts",
  "scripts/kit/private-folder.ts",
]);

describe("waiting", () => {
  it("is by a clock that nobody sets", () => {
    const using = ["components", "scripts", "stacks"].flatMap((folder) =>
      fs
        .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .map((file) => path.join(folder, file))
        .filter((file) => file.endsWith(".ts"))
        .filter((file) => fs.readFileSync(path.join(ROOT, file), "utf8").includes("Date.now()")),
    );
    assert.deepEqual(
      using.filter((file) => !BY_THE_WALL.has(file)),
      [],
      "a time limit needs performance.now(): see BY_THE_WALL for what does not",
    );
  });
});
