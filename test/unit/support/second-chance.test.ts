import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FAILED_FILES_VARIABLE } from "../../support/suites/reporter";
import { countChances, runSuites } from "../../support/suites/second-chance";

interface Call {
  readonly args: readonly string[];
  readonly list: string | undefined;
}

/** Plays mocha: each run ends with a code, having left a list of failed files or none. */
async function play(
  args: readonly string[],
  ...runs: { code: number; failed?: unknown }[]
): Promise<{ code: number; calls: Call[] }> {
  const calls: Call[] = [];
  const code = await runSuites(
    args,
    (own, variables) => {
      const list = variables[FAILED_FILES_VARIABLE];
      calls.push({ args: own, list });
      const run = runs.shift();
      assert.ok(run, "one run too many");
      if (list !== undefined && run.failed !== undefined)
        writeFileSync(list, JSON.stringify(run.failed));
      return Promise.resolve(run.code);
    },
    () => undefined,
  );
  return { code, calls };
}

describe("a second chance", () => {
  it("is not given unless it is asked for", async () => {
    const { code, calls } = await play(["a.test.ts"], { code: 1 });
    assert.deepEqual([code, calls], [1, [{ args: ["a.test.ts"], list: undefined }]]);
  });

  it("is not needed where all passed", async () => {
    const { code, calls } = await play(["--second-chance", "--bail"], { code: 0, failed: [] });
    assert.deepEqual([code, calls.map(({ args }) => args)], [0, [["--bail"]]]);
  });

  it("is for the files in which something failed, and its result counts", async () => {
    for (const second of [0, 1]) {
      const failing = { code: 3, failed: ["b.test.ts"] };
      const { code, calls } = await play(["--second-chance"], failing, { code: second });
      assert.deepEqual([code, calls.map(({ args }) => args)], [second, [[], ["b.test.ts"]]]);
    }
  });

  it("is counted, by file", () => {
    const file = path.join(process.cwd(), "test/rig/a.test.ts");
    assert.equal(countChances([file], true), "Second chances: 1, passed then: test/rig/a.test.ts");
    assert.match(countChances([file], false), /^Second chances: 1, failed again: /);
  });

  it("is not given to a run that ended without saying what failed", async () => {
    for (const failed of [undefined, [], "b.test.ts", [""]]) {
      const { code, calls } = await play(["--second-chance"], { code: 139, failed });
      assert.deepEqual([code, calls.length], [139, 1]);
    }
  });

  it("goes by what mocha tells: failed tests and hooks, by file", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "vmstation-reporter-"));
    try {
      const suites: Record<string, string> = {
        good: `it("x", () => {});`,
        test: `describe("deep", () => it("x", () => { throw new Error("x"); }));`,
        hook: `describe("deep", () => { before(() => { throw new Error("x"); }); it("x", () => {}); });`,
      };
      const paths = Object.entries(suites).map(([name, text]) => {
        const file = path.join(folder, `${name}.cjs`);
        writeFileSync(file, text);
        return file;
      });
      const list = path.join(folder, "failed.json");
      const reporter = require.resolve("../../support/suites/reporter");
      const options = ["--no-config", "--require", "tsx/cjs", "--reporter", reporter];
      const mocha = require.resolve("mocha/bin/mocha.js");
      const env = { ...process.env, [FAILED_FILES_VARIABLE]: list };
      const done = spawnSync(process.execPath, [mocha, ...options, ...paths], { env });
      assert.match(done.stdout.toString(), /1 passing[^]*2 failing/);
      const failed: unknown = JSON.parse(readFileSync(list, "utf8"));
      assert.deepEqual(failed, [paths[1], paths[2]]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
