import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { loadProject } from "../../scripts/kit/stack-file/project";
import { loadStackConfig, renderProgramConfig } from "../../scripts/kit/stack-file/stack-config";
import { run } from "../rig/command";
import { countCases } from "../support/cases";
import { requireEngine } from "./use-engine";

/** In a project of its own, as a stack's file is read there by the CLI and by us. */
describe("a stack's file with anchors and merge keys", () => {
  let folder: string;
  let cli: string;
  const pulumi = async (...words: string[]): Promise<string> => {
    const env = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "of a test",
      PULUMI_SKIP_UPDATE_CHECK: "1",
    };
    return (await run(cli, [...words, "--non-interactive", "-C", folder], { env })).stdout;
  };

  before(async function () {
    ({ cli } = await requireEngine(this));
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-stack-file-"));
    mkdirSync(path.join(folder, "state"));
    writeFileSync(path.join(folder, "Pulumi.yaml"), "name: home\nruntime: nodejs\n");
    await pulumi("stack", "init", "x");
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("is read as the CLI reads it", async () => {
    const cases = fc.sample(uses, { numRuns: countCases(300), seed: 7 });
    const file = path.join(folder, "Pulumi.x.yaml");
    const keys = cases.map((use, i) => `  home:use${i}: ${use}\n`);
    writeFileSync(file, `bases: ${BASES}\nconfig:\n${keys.join("")}`);
    const shown = JSON.parse(await pulumi("config", "--json", "--stack", "x")) as Record<
      string,
      { value?: string }
    >;
    const { values } = renderProgramConfig(loadStackConfig(loadProject(folder), "x"));
    assert.equal(Object.keys(values).length, cases.length);
    for (const [i, use] of cases.entries())
      assert.equal(values[`home:config:use${i}`], shown[`home:use${i}`]?.value, use);
  });
});

const BASES =
  "[ &m0 { a: 1, b: x, list: &l0 [1, 2] }, &m1 { b: y, c: { d: 2 }, e: null }, &m2 { <<: *m0, c: 3 }, &s0 0644 ]";

const merge = fc.oneof(
  fc.constantFrom("*m0", "*m1", "*m2", "{ a: own }"),
  fc
    .uniqueArray(fc.constantFrom("*m0", "*m1", "*m2", "{ a: own, z: 1 }"), { minLength: 1 })
    .map((all) => `[ ${all.join(", ")} ]`),
);
const value = fc.constantFrom("7", "text", "*l0", "*m1", "*s0", "null", "{ <<: *m2, a: 9 }");

/** A map with keys of its own, before and behind what it takes over. */
const uses = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom("a", "b", "c", "e", "list", "z"), { maxLength: 4 }),
    fc.infiniteStream(value),
    merge,
    fc.nat(4),
  )
  .map(([keys, values, merged, at]) => {
    const own = keys.map((key) => `${key}: ${String(values.next().value)}`);
    return `{ ${[...own.slice(0, at), `<<: ${merged}`, ...own.slice(at)].join(", ")} }`;
  });
