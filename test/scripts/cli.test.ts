import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import manifest from "../../package.json";
import { ownProcess, type Ran, vmstationWith } from "../support/command-line";

const ROOT = resolve(__dirname, "../..");
const VMSTATION = join(ROOT, "scripts/vmstation.cjs");
const PROGRAM = resolve(__dirname, "../support/fixtures/plan/program");

/** As on a computer that has Node alone. */
const BARE = { VMSTATION_OFFLINE: "1", PATH: resolve(process.execPath, "..") };

function vmstation(...args: string[]): Promise<Ran> {
  return vmstationWith({ ...process.env, ...BARE }, ...args);
}

function plan(...args: string[]): Promise<Ran> {
  return vmstation("-C", PROGRAM, "plan", "--stack", "lab", ...args);
}

describe("the vmstation command", function () {
  this.timeout(60_000);

  it("lists its verbs and exit codes with examples", async () => {
    const { status, stdout } = await vmstation("--help");
    assert.equal(status, 0);
    for (const part of ["\n  plan  ", "\n  pulumi  ", "Exit codes: 0 pass", "Examples:"]) {
      assert.ok(stdout.includes(part), part);
    }
  });

  it("tells its version, which each stack's outputs have too", () => {
    const { version } = manifest;
    assert.deepEqual(ownProcess({ ...process.env, ...BARE }, "--version"), {
      status: 0,
      stdout: `${version}\n`,
      stderr: "",
    });
    const changelog = readFileSync(join(ROOT, "CHANGELOG.md"), "utf8");
    const [, newest] = /^## (\S+) \((?:not yet released|\d{4}-\d\d-\d\d)/m.exec(changelog) ?? [];
    assert.equal(newest, version);
  });

  it("ends as it would have where nobody reads on", async () => {
    const child = spawn(process.execPath, [VMSTATION, "--help"]);
    child.stdout.destroy();
    const said: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    const code = await new Promise((resolve) => child.once("close", resolve));
    assert.deepEqual([code, Buffer.concat(said).toString()], [0, ""]);
  });

  it("suggests the verb or option that was meant, with exit code 2", async () => {
    const verb = await vmstation("pln");
    assert.equal(verb.status, 2);
    assert.match(verb.stderr, /^There is no verb "pln"\.\nDid you mean plan\? /);
    // A word that each object of JavaScript has.
    const odd = await vmstation("constructor");
    assert.match(odd.stderr, /^There is no verb "constructor"\.\nAll verbs: /);
    const option = await vmstation("plan", "--jsn");
    assert.equal(option.status, 2);
    assert.match(option.stderr, /Did you mean --json\?/);
  });

  it("ends with 2 and a sentence where it could not run", async () => {
    const { status, stderr } = await vmstation("-C", tmpdir(), "plan");
    assert.deepEqual(
      { status, stderr },
      {
        status: 2,
        stderr: `There is no Pulumi.yaml in ${resolve(tmpdir())} or above it. Go to the project's folder, or name it with -C.\n`,
      },
    );
  });

  it("keeps the trace of what nobody has foreseen, and ends with 1", () => {
    const folder = mkdtempSync(join(tmpdir(), "vmstation-test-"));
    try {
      // What is a folder cannot be read as a file.
      mkdirSync(join(folder, "Pulumi.yaml"));
      const { status, stderr } = ownProcess({ ...process.env, ...BARE }, "-C", folder, "plan");
      assert.equal(status, 1);
      assert.match(stderr, /EISDIR[^]*\n {4}at .*scripts\/kit\/stack-file\/project\.ts:\d+/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("ends with 1 and the program's own words where the configuration is wrong", async () => {
    const { status, stdout, stderr } = await plan("--set", "power.idle=never");
    assert.deepEqual(
      { status, stdout, stderr },
      {
        status: 1,
        stdout: "",
        stderr: "The configuration has 2 errors.\npower.idle: found never\nanother: x\n",
      },
    );
  });

  it("writes one JSON document to stdout and nothing else, and beside it draws the graph", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vmstation-test-"));
    const file = join(folder, "lab.svg");
    try {
      const { status, stdout, stderr } = await plan("--json", "--graph", file);
      assert.deepEqual([status, stderr], [0, `${file}: 12 resources of the stack lab\n`]);
      const document: unknown = JSON.parse(stdout);
      assert.deepEqual(Object.keys({ ...z.object({}).loose().parse(document) }), [
        "stack",
        "resources",
        "outputs",
        "warnings",
      ]);
      assert.match(readFileSync(file, "utf8"), /^<\?xml[\s\S]*alpha[\s\S]*<\/svg>\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("draws the graph by a verb of its own, named after the stack by default", () => {
    const folder = mkdtempSync(join(tmpdir(), "vmstation-test-"));
    try {
      const words = [VMSTATION, "-C", PROGRAM, "graph", "--stack", "lab"];
      const ran = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
      assert.deepEqual([ran.status, ran.stderr], [0, ""]);
      assert.match(ran.stdout, /^lab\.svg: \d+ resources of the stack lab\n$/);
      assert.match(readFileSync(join(folder, "lab.svg"), "utf8"), /alpha[\s\S]*<\/svg>\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("refuses a format that it cannot draw", async () => {
    const { status, stderr } = await plan("--graph", "lab.gif");
    assert.equal(status, 2);
    assert.match(stderr, /must end in \.svg, \.png, \.dot, \.mmd/);
  });

  it("shows the plan for a preview where no CLI can be had, after one line", async () => {
    const { status, stdout, stderr } = await vmstation(
      "-C",
      PROGRAM,
      "pulumi",
      "preview",
      "-s",
      "lab",
    );
    assert.equal(status, 0);
    assert.match(stdout, /^lab: 8 resources, 2 machines\n/);
    assert.match(stderr, /^There is no Pulumi CLI: [^\n]*\n$/);
  });

  it("plans with the file that such a preview names, and refuses a change that it cannot take over", async () => {
    const preview = ["-C", PROGRAM, "pulumi", "preview", "-s", "lab"];
    const folder = mkdtempSync(join(tmpdir(), "vmstation-test-"));
    try {
      const file = join(folder, "other.yaml");
      const own = readFileSync(join(PROGRAM, "Pulumi.lab.yaml"), "utf8");
      writeFileSync(file, own.replace(/^ +beta: .*\n/m, ""));
      const { status, stdout } = await vmstation(...preview, `--config-file=${file}`);
      assert.equal(status, 0);
      assert.match(stdout, /^lab: \d resources, 1 machine\n/);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const changed = await vmstation(...preview, "-c", "vmstation:power=x");
    assert.equal(changed.status, 2);
    assert.match(
      changed.stderr,
      /-c needs the CLI\. [^]*npx vmstation .*plan --set layer\.key=VALUE --stack lab\n$/,
    );
  });
});
