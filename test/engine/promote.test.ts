import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { parseHistory } from "../../scripts/kit/pulumi/history";
import { HOMELAB_FILE } from "../support/homelab";
import { findOnPath } from "../../scripts/kit/pulumi/find-cli";

const ROOT = resolve(__dirname, "../..");

/** Stands for the program: no machine, and a validation that says what the file "outcome" says. */
const PROGRAM = `
const outcome = require("fs").readFileSync("outcome", "utf8");
const checks = [{ group: "pods", name: "crash loops", status: outcome, found: "jellyfin-0" }];
exports.validation = JSON.stringify({ status: outcome, counts: {}, checks });
`;

const promotion = z.object({
  refusals: z.array(z.object({ code: z.string() })),
  changes: z.record(z.string(), z.number()).nullable(),
  promoted: z.boolean(),
});

/** Real stacks, by the real CLI: what it records is what a promotion rests on. */
describe("vmstation promote, with Pulumi's engine", function () {
  this.timeout(120_000);
  const folder = fs.mkdtempSync(join(tmpdir(), "vmstation-engine-"));
  const project = join(folder, "project");
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", project, "-c", "user.name=t", "-c", "user.email=t@t", ...args], {
      encoding: "utf8",
    }).trim();

  // The CLI alone: no provider has a part in it.
  before(function () {
    if (findOnPath(process.env.PATH ?? "") === undefined) {
      console.log("    skipped: no Pulumi CLI on the PATH");
      this.skip();
    }
    fs.mkdirSync(project);
    fs.mkdirSync(join(folder, "state"));
    fs.writeFileSync(join(project, "index.js"), PROGRAM);
    const manifest = "name: vmstation\nruntime: { name: nodejs, options: { typescript: false } }\n";
    fs.writeFileSync(join(project, "Pulumi.yaml"), manifest);
    fs.writeFileSync(join(project, "package.json"), "{}");
    fs.writeFileSync(join(project, ".gitignore"), "node_modules\n.vmstation/\noutcome\n");
    fs.symlinkSync(join(ROOT, "node_modules"), join(project, "node_modules"));
    for (const stack of ["lab", "homelab"]) {
      fs.copyFileSync(HOMELAB_FILE, join(project, `Pulumi.${stack}.yaml`));
    }
    git("init", "-q");
    commit("first");
  });

  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  function commit(message: string): void {
    fs.appendFileSync(join(project, "index.js"), `// ${message}\n`);
    git("add", "-A");
    git("commit", "-qm", message);
  }

  function vmstation(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const all = [join(ROOT, "scripts/vmstation.cjs"), "-C", project, ...args];
    return spawnSync(process.execPath, all, {
      encoding: "utf8",
      input: "",
      env: {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
      },
    });
  }

  function upLab(outcome: string): void {
    fs.writeFileSync(join(project, "outcome"), outcome);
    const up = vmstation("pulumi", "up", "--stack", "lab", "--yes", "--skip-preview");
    assert.equal(up.status, 0, up.stdout + up.stderr);
  }

  /** The exit code, and what the document says. */
  function promote(...args: string[]): [number | null, ...string[]] {
    const ran = vmstation("promote", "lab", "homelab", "--json", "--yes", ...args);
    assert.match(ran.stdout, /^\{/, ran.stderr);
    const { refusals, promoted } = promotion.parse(JSON.parse(ran.stdout));
    return [ran.status, ...refusals.map(({ code }) => code), ...(promoted ? ["promoted"] : [])];
  }

  function lastOfHomelab(): { commit: string | undefined; results: number } {
    const { stdout } = vmstation("pulumi", "stack", "history", "--json", "--stack", "homelab");
    const history = parseHistory("homelab", stdout);
    return { commit: history[0]?.environment["git.head"], results: history.length };
  }

  it("refuses a stack that was never updated, and one whose validation failed", () => {
    assert.deepEqual(promote(), [1, "no-update"]);
    upLab("fail");
    assert.deepEqual(promote(), [1, "invalid"]);
  });

  it("brings the commit to the next stack once the validation has passed", () => {
    upLab("pass");
    assert.deepEqual(promote("--dry-run"), [0]);
    assert.equal(lastOfHomelab().results, 0);
    assert.deepEqual(promote(), [0, "promoted"]);
    assert.deepEqual(lastOfHomelab(), { commit: git("rev-parse", "HEAD"), results: 1 });
    git("tag", "homelab-1");
  });

  it("refuses another commit than the one that was tried, and changes that are in none", () => {
    commit("second");
    assert.deepEqual(promote(), [1, "other-commit"]);
    fs.writeFileSync(join(project, "new"), "");
    upLab("pass");
    assert.deepEqual(promote(), [1, "not-clean", "uncommitted"]);
    fs.rmSync(join(project, "new"));
    assert.deepEqual(promote(), [1, "uncommitted"]);
  });

  it("goes back to the tag that the stack has run before, and to no other", () => {
    git("tag", "homelab-2");
    assert.deepEqual(promote("--to-tag", "homelab-1"), [1, "not-the-tag"]);
    git("switch", "-q", "--detach", "homelab-1");
    assert.deepEqual(promote("--to-tag", "homelab-1"), [0, "promoted"]);
    assert.deepEqual(lastOfHomelab(), { commit: git("rev-parse", "HEAD"), results: 2 });
  });
});
