import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { renderImportPath } from "../../support/python";

const FILES = path.join(__dirname, "../../../components/bootstrap/kubespray/files");

describe("a machine that Kubespray's run needs and no magic packet wakes", () => {
  it("is woken by the power controller, where that runs on the same machine", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "vmstation-awake-"));
    const entry = path.join(folder, "wake.sh");
    writeFileSync(entry, `#!/bin/sh\necho "$@" >>${folder}/asked\n`, { mode: 0o755 });
    const program = [
      renderImportPath([FILES]),
      "import awake",
      'machine = {"vars": {"ansible_host": "127.0.0.1", "ansible_port": 1}, "mac": None}',
      `for awake.WAKE in ("${entry}", "${folder}/nothing"):`,
      '    awake.wake("ni", machine, "127.255.255.255", 0.01)',
    ];
    try {
      execFileSync("python3", ["-B", "-c", program.join("\n")]);
      // Again and again until it answers: how often in that time depends on how fast this machine is.
      const asked = readFileSync(path.join(folder, "asked"), "utf8").trimEnd().split("\n");
      assert.deepEqual([...new Set(asked)], ["ni --no-wait --why kubespray"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
