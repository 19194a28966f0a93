import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

/** Runs JavaScript in a process that was started as a program is. */
function runRegistered(script: string, env: Record<string, string> = {}) {
  const args = ["--require", join(ROOT, "scripts/loader/register.cjs"), "-e", script];
  const result = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  assert.equal(result.status, 0, result.stderr);
  return result.stdout;
}

describe("loading TypeScript", function () {
  this.timeout(30_000);
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vmstation-test-"));
    const lines = ["interface Unused { a: string }", "export function fail(): never {"];
    writeFileSync(
      join(folder, "bug.ts"),
      [...lines, '  throw new Error("a bug");', "}"].join("\n"),
    );
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const trace = (more = "") => `
    ${more}
    try { require(${JSON.stringify(join(folder, "bug.ts"))}).fail(); }
    catch (error) { console.log(error.stack); }`;

  it("prints nothing itself, on any version of Node", () => {
    const args = ["--require", join(ROOT, "scripts/loader/register.cjs"), "-e", ""];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(stdout + stderr, "");
  });

  it("shows where in the source an error was thrown", () => {
    assert.match(
      runRegistered(trace()),
      /^Error: a bug\n {4}at Object\.fail \(.*\/bug\.ts:3:9\)\n/,
    );
  });

  it("shows it as well where Pulumi's runner brings a mapper of its own", () => {
    const more = 'require("source-map-support/register");';
    assert.match(runRegistered(trace(more)), /bug\.ts:3:9/);
  });

  it("gives the SDK's rarely used parts when they are asked for", () => {
    const output = runRegistered(`
      const isLoaded = (name) => Object.keys(require.cache).some((f) => f.endsWith(name));
      const pulumi = require("@pulumi/pulumi");
      const normalize = require("normalize-package-data");
      const before = isLoaded("automation/localWorkspace.js") || isLoaded("lib/fixer.js");
      const data = { name: " trimmed " };
      normalize(data);
      console.log(JSON.stringify([
        before, data.name, typeof pulumi.automation.LocalWorkspace.create,
        typeof pulumi.provider.main, typeof new (require("fdir").fdir)().crawl,
        require("glob").sync("package.json"),
      ]));`);
    assert.equal(output, '[false,"trimmed","function","function","function",["package.json"]]\n');
  });

  it("loads TypeScript only to serialize a function, and then the SDK can", () => {
    const output = runRegistered(`
      const isLoaded = () => Object.keys(require.cache).some((f) => f.endsWith("lib/typescript.js"));
      const pulumi = require("@pulumi/pulumi");
      const before = isLoaded();
      const factor = 6;
      pulumi.runtime.serializeFunction((x) => x * factor).then(({ text }) => {
        console.log(JSON.stringify([before, text, isLoaded()]));
      });`);
    assert.match(output, /^\[false,".*factor: 6.*",true\]\n$/);
  });

  it("leaves the SDK unchanged if VMSTATION_FULL_SDK asks for it", () => {
    const script = `
      require("@pulumi/pulumi");
      console.log(Object.keys(require.cache).some((file) => file.endsWith("lib/typescript.js")));`;
    assert.equal(runRegistered(script, { VMSTATION_FULL_SDK: "1" }), "true\n");
  });

  it("keeps what it compiled out of a folder that is wiped", () => {
    const own = join(folder, "compiled");
    const script = `console.log(process.env.TMPDIR); require(${JSON.stringify(join(folder, "bug.ts"))})`;
    const env = { TMPDIR: join(folder, "wiped"), VMSTATION_COMPILE_TMPDIR: own };
    assert.equal(runRegistered(script, env), `${env.TMPDIR}\n`);
    assert.equal(
      runRegistered(`console.log(require("fs").readdirSync(${JSON.stringify(own)}).length)`),
      "1\n",
    );
  });
});
