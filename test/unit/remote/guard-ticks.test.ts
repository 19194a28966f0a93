import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

const GUARD = path.join(__dirname, "../../../components/remote/files/guard.sh");

describe("the guard of changes that could lock the operator out", () => {
  it("counts ticks as a whole number however long a machine has run", () => {
    const ticks = /^ticks_now\(\).*$/m.exec(fs.readFileSync(GUARD, "utf8"))?.[0] ?? assert.fail();
    const after = (seconds: string): string =>
      execFileSync("sh", ["-euc", `${ticks.replace("/proc/uptime", "")}\nticks_now`], {
        input: `${seconds} 1.00\n`,
        encoding: "utf8",
      });
    assert.equal(after("0.07"), "7\n");
    // Ten years.
    assert.equal(after("315360000.25"), "31536000025\n");
  });
});
