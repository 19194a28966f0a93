import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findProgram } from "../../static/check";
import { isOf, listFiles, Passed } from "../../static/files";
import { verifyUnits } from "../../static/units";

describe("static checks of what runs on machines", () => {
  const PYTHON = { ending: ".py", interpreter: /^#!.*\bpython3?\b/ };
  const SHELL = { ending: ".sh", interpreter: /^#!.*\b(sh|bash)\b/ };

  it("find every program, also where its name has no ending", () => {
    const files = listFiles();
    const python = files.filter((file) => isOf(PYTHON, file));
    const shell = files.filter((file) => isOf(SHELL, file));
    assert.ok(python.includes("test/rig/power/kubectl"));
    assert.ok(python.includes("components/power/files/power-agent.py"));
    assert.ok(shell.includes(".ci/run"));
    assert.ok(shell.includes("components/validation/files/vmstation-validate"));
    assert.ok(shell.includes("components/remote/files/main.sh"));
    assert.deepEqual(
      python.filter((file) => shell.includes(file)),
      [],
    );
  });

  it("check a file again if it changed, and every file if the tool changed", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "vmstation-passed-"));
    const file = path.join(folder, "checked.txt");
    const open = (version: string): Passed => new Passed("tool", version, folder);
    const passed = open("1.0");
    passed.keep([]);
    try {
      writeFileSync(file, "one");
      assert.deepEqual(passed.leftOf([file]), [file]);
      passed.keep([file]);
      assert.deepEqual(open("1.0").leftOf([file]), []);
      assert.deepEqual(open("1.1").leftOf([file]), [file]);
      writeFileSync(file, "two");
      assert.deepEqual(open("1.0").leftOf([file]), [file]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("see a misspelt key of a unit, and miss no program or unit of ours that only machines have", async function () {
    const systemdAnalyze = findProgram("systemd-analyze");
    if (systemdAnalyze === undefined) {
      console.log("    skipped: no systemd-analyze on the PATH");
      this.skip();
    }
    const unit = (more: string): ReadonlyMap<string, string> =>
      new Map([
        [
          "vmstation-test.service",
          `[Unit]\nRequires=vmstation-test.socket\n[Service]\nExecStart=/usr/local/bin/vmstation-test\n${more}`,
        ],
      ]);
    assert.equal(await verifyUnits(systemdAnalyze, unit("Restart=always\n")), "");
    assert.match(await verifyUnits(systemdAnalyze, unit("Restrat=always\n")), /Restrat/);
  });
});
