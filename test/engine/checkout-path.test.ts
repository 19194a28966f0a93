import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { requireEngine } from "./use-engine";

const ROOT = resolve(__dirname, "../..");
const PARTS = ["Pulumi.yaml", "Pulumi.lab.yaml", "package.json", "tsconfig.json", "index.ts"];
/** As far as the machines: a preview of more says nothing further of paths. */
const MACHINES = `import { buildMachines } from "./stacks/machines";
import { loadStack } from "./stacks/config";

buildMachines(loadStack());
`;
const FOLDERS = ["components", "stacks", "scripts"];

describe("a checkout below a folder with blanks, quotes and umlauts", function () {
  this.timeout(300_000);
  let root = "";
  let checkout = "";

  before(async function () {
    await requireEngine(this);
    root = mkdtempSync(join(tmpdir(), "vmstation-checkout-"));
    checkout = join(root, `it's my "Büro": 100%h #1 ~`, "vm station");
    mkdirSync(checkout, { recursive: true });
    for (const name of [...PARTS, ...FOLDERS])
      cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
  });
  after(() => {
    if (root !== "") rmSync(root, { recursive: true });
  });

  const vmstation = (...words: string[]): string[] => ["scripts/vmstation.cjs", ...words];

  it("has the plan of any other, without the CLI", () => {
    const words = vmstation("plan", "--stack", "lab", "--json");
    const parsed = z.object({ resources: z.array(z.unknown()) });
    const planIn = (cwd: string): number =>
      parsed.parse(
        JSON.parse(execFileSync("node", words, { cwd, encoding: "utf8", maxBuffer: 2 ** 26 })),
      ).resources.length;
    assert.equal(planIn(checkout), planIn(ROOT));
  });

  it("is previewed by the CLI, with its state where the wrapper looks for it", () => {
    writeFileSync(join(checkout, "index.ts"), MACHINES);
    for (const round of ["first", "second"]) {
      const words = vmstation("pulumi", "preview", "--stack", "lab", "--non-interactive");
      const { status, stdout, stderr } = spawnSync("node", words, {
        ...{ cwd: checkout, encoding: "utf8" },
      });
      assert.equal(status, 0, `${round}: ${stdout}\n${stderr}`);
      assert.match(stdout, /to create/);
    }
  });
});
