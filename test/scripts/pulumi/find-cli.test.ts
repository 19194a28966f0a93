import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fetchCli } from "../../../scripts/kit/pulumi/fetch-cli";
import { findCli, findOnPath } from "../../../scripts/kit/pulumi/find-cli";

describe("finding the Pulumi CLI", () => {
  let root = "";
  let env: Record<string, string> = {};
  const noLine = (line: string): void => {
    assert.fail(`it waited: ${line}`);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "vmstation-test-"));
    env = { PULUMI_HOME: join(root, "home"), PATH: "" };
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function write(path: string, text: string, mode = 0o755): string {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  }

  /** A package that stands for the npm one, with a launcher of the test's own. */
  function writePackage(launcher: string): string {
    write("node_modules/pulumi/package.json", `{ "version": "9.9.9" }`);
    return write("node_modules/pulumi/run.js", launcher);
  }

  function find(more: Record<string, string> = {}) {
    return findCli({ root, env: { ...env, ...more }, onWaiting: noLine });
  }

  it("takes the first one on PATH, but not npm's own launcher", async () => {
    write("a/node_modules/.bin/pulumi", "#!/bin/sh\n");
    write("b/pulumi", "not executable", 0o644);
    const wanted = write("c/pulumi", "#!/bin/sh\n");
    const folders = ["a/node_modules/.bin", "b", "c"].map((folder) => join(root, folder));
    assert.equal(findOnPath(folders.join(":")), wanted);
    assert.deepEqual(await find({ PATH: folders.join(":") }), { path: wanted });
  });

  it("takes what the pinned package fetched before", async () => {
    writePackage("process.exit(1)");
    const cached = write("home/versions/9.9.9/bin/pulumi", "#!/bin/sh\n");
    assert.deepEqual(await find(), { path: cached });
  });

  it("has the pinned package fetch it", async () => {
    writePackage(`
      const { mkdirSync, writeFileSync } = require("fs");
      const folder = process.env.PULUMI_HOME + "/versions/9.9.9/bin";
      mkdirSync(folder, { recursive: true });
      writeFileSync(folder + "/pulumi", "#!/bin/sh", { mode: 0o755 });`);
    assert.deepEqual(await find(), { path: join(root, "home/versions/9.9.9/bin/pulumi") });
  });

  it("gives a short reason why there is no CLI", async () => {
    assert.deepEqual(await find(), {
      reason: "none is on PATH, and the package pulumi is missing",
    });
    writePackage(`console.error("Downloading…\\npulumi: fetch failed"); process.exit(1)`);
    assert.deepEqual(await find(), {
      reason: "none is on PATH, and 9.9.9 could not be fetched (fetch failed)",
    });
  });

  it("fetches nothing where that is forbidden", async () => {
    writePackage(`require("fs").writeFileSync(${JSON.stringify(join(root, "ran"))}, "")`);
    assert.deepEqual(await find({ VMSTATION_OFFLINE: "1" }), {
      reason: "none is on PATH, and 9.9.9 may not be fetched (VMSTATION_OFFLINE=1)",
    });
    assert.ok(!existsSync(join(root, "ran")));
  });

  it("gives up on a download that stalls, and ends all that belongs to it", async () => {
    // The child holds the pipes open, so that nothing is over before it has ended as well.
    const launcher = writePackage(`
      const { spawn } = require("child_process");
      spawn(process.execPath, ["-e", "setInterval(() => 0, 1e6)"], { stdio: "inherit" });`);
    let waited = 0;
    const failure = await fetchCli({
      launcher,
      env,
      onWaiting: () => (waited += 1),
      stallLimit: 1_000,
      patience: 10,
    });
    assert.equal(failure, "the download stalled");
    assert.equal(waited, 1);
  });
});
