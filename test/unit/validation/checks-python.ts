import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

export const CHECKS = path.join(__dirname, "../../../components/validation/files/checks");

/** Runs Python that knows the checks' modules, with programs of `folder` before all others. */
export function python(
  code: string,
  folder = "/nonexistent",
): { code: number | null; stdout: string } {
  const env = {
    ...process.env,
    PYTHONPATH: CHECKS,
    PATH: `${folder}:${process.env.PATH ?? ""}`,
  };
  const ran = spawnSync("python3", ["-B", "-c", code], { encoding: "utf8", env });
  assert.equal(ran.stderr, "");
  return { code: ran.status, stdout: ran.stdout };
}

/** A folder of stand-ins for programs, for the tests of one describe. */
export class Programs {
  folder = "";

  constructor() {
    beforeEach(() => {
      this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-collect-"));
    });
    afterEach(() => {
      fs.rmSync(this.folder, { recursive: true, force: true });
    });
  }

  add(name: string, text: string): void {
    fs.writeFileSync(path.join(this.folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
}
