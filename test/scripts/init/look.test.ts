import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseFacts } from "../../../scripts/verbs/init/facts";
import { SCRIPT } from "../../../scripts/verbs/init/look";

const FILE = resolve(__dirname, "../../../scripts/verbs/init/files/look.sh");

describe("the script that looks at a machine", () => {
  it("runs to its end on this computer, with any programs installed, and sees its memory and system", () => {
    const input = SCRIPT;
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
    const input = SCRIPT;
    const functions = ["ip", "findmnt", "lsblk", "ethtool", "getconf"];
    // In place of a computer without them: command -v finds nothing of that name.
    const without = `command() { case $2 in ${functions.join(" | ")}) return 1 ;; esac; }\n`;
    const { status, stdout } = spawnSync("sh", ["-eus"], {
      input: without + input,
      encoding: "utf8",
    });
    assert.equal(status, 0);
    const facts = parseFacts(stdout);
    assert.deepEqual(
      [facts?.mounts, facts?.disks, facts?.addresses, facts?.cores],
      [[], [], [], undefined],
    );
  });

  it("names a part that stops with an error, and goes on with the others", () => {
    const broken = "network() { exit 3; }\ndisks() { no_such_program; return 1; }\n";
    const input = SCRIPT.replace(/^# Each by itself/m, `${broken}$&`);
    const { status, stdout } = spawnSync("sh", ["-eus"], { input, encoding: "utf8" });
    assert.equal(status, 0);
    const facts = parseFacts(stdout);
    assert.notEqual(facts?.memory, undefined);
    assert.deepEqual(
      facts?.problems.filter((problem) => problem.startsWith("the look")),
      ["network", "disks"].map((part) => `the look at the machine's ${part} stopped with an error`),
    );
  });

  it("lets no program read the rest of it", () => {
    const greedy = "network() { cat >/dev/null; }\n";
    const input = SCRIPT.replace(/^# Each by itself/m, `${greedy}$&`);
    const { stdout } = spawnSync("sh", ["-eus"], { input, encoding: "utf8" });
    assert.notEqual(parseFacts(stdout), undefined);
  });

  describe("finds the time zone", () => {
    let folder = "";

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "vmstation-look-"));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    function look(): { zone: string | undefined; problems: string } {
      const input = SCRIPT.replaceAll(/\/etc\/(localtime|timezone)/g, `${folder}/$1`);
      const { stdout } = spawnSync("sh", ["-eus"], { input, encoding: "utf8" });
      const facts = parseFacts(stdout);
      return { zone: facts?.timeZone, problems: (facts?.problems ?? []).join("\n") };
    }

    it("by the link, as it was chosen", () => {
      symlinkSync("../usr/share/zoneinfo/US/Eastern", join(folder, "localtime"));
      assert.equal(look().zone, "US/Eastern");
    });

    it("by Debian's file, where the other is a copy", () => {
      writeFileSync(join(folder, "localtime"), "TZif2");
      writeFileSync(join(folder, "timezone"), "Europe/Berlin\n");
      assert.equal(look().zone, "Europe/Berlin");
    });

    it("as UTC without any file, and as unknown if there is only a copy", () => {
      assert.equal(look().zone, "UTC");
      writeFileSync(join(folder, "localtime"), "TZif2");
      const { zone, problems } = look();
      assert.equal(zone, undefined);
      assert.match(problems, /localtime is a plain file, so the time zone has no name/);
    });
  });

  it("passes shellcheck", function () {
    const checked = spawnSync("shellcheck", [FILE], { encoding: "utf8" });
    if (checked.error) {
      console.log("    skipped: no shellcheck on the PATH");
      this.skip();
    }
    assert.equal(checked.stdout, "");
  });
});
