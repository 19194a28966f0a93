import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseFacts } from "../../../../scripts/init/facts";

const SCRIPT = resolve(__dirname, "../../../../scripts/init/look.sh");

describe("the script that looks at a machine", () => {
  it("runs to its end on this one, whatever is installed here, and sees its memory and system", () => {
    const input = readFileSync(SCRIPT, "utf8");
    const { status, stdout, stderr } = spawnSync("sh", ["-eus"], { input, encoding: "utf8" });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    const facts = parseFacts(stdout);
    const [, total = ""] =
      /^MemTotal: +(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
    assert.equal(facts?.memory, Number(total) * 1024);
    assert.match(
      readFileSync("/etc/os-release", "utf8"),
      new RegExp(`^ID="?${facts.os.split(" ")[0] ?? "-"}"?$`, "m"),
    );
  });

  it("sees no program as a fact that is missing, and still comes to its end", () => {
    const input = readFileSync(SCRIPT, "utf8");
    const functions = ["ip", "findmnt", "lsblk", "ethtool", "getconf", "readlink"];
    // In place of a computer without them: command -v finds nothing of that name.
    const without = `command() { case $2 in ${functions.join(" | ")}) return 1 ;; esac; }\n`;
    const { status, stdout } = spawnSync("sh", ["-eus"], {
      input: without + input,
      encoding: "utf8",
    });
    assert.equal(status, 0);
    const facts = parseFacts(stdout);
    assert.deepEqual(
      [facts?.mounts, facts?.disks, facts?.addresses, facts?.cores, facts?.timeZone],
      [[], [], [], undefined, undefined],
    );
  });

  it("passes shellcheck", function () {
    const checked = spawnSync("shellcheck", [SCRIPT], { encoding: "utf8" });
    if (checked.error) {
      console.log("    skipped: no shellcheck on the PATH");
      this.skip();
    }
    assert.equal(checked.stdout, "");
  });
});
