import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestProgram } from "../../../scripts/verbs/drift/program-digest";
import { TargetCache } from "../../../scripts/verbs/drift/target-cache";
import type { MachineTargets } from "../../../scripts/kit/look/targets";
import { loadProject } from "../../../scripts/kit/stack-file/project";
import { connectionSchema } from "../../../scripts/kit/ssh/connection";
import { chain, connectionTo, fileStep } from "./fake-machines";

describe("the plan that a look keeps", () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), "vmstation-cache-"));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const cache = (digest = "one"): TargetCache => new TargetCache(folder, "lab", digest);
  const file = (): string => join(folder, "targets-lab.json");
  const steps = (secret = false): MachineTargets =>
    chain("alpha", [fileStep("a", "text\n"), fileStep("b", "hunter2\n"), "why not"], { secret });

  it("comes back as it was, and only while it is made from the same", () => {
    const connection = connectionSchema.parse({ host: "10.0.0.1", user: "ops" });
    const machines = [connection, undefined].map((each) => ({ ...steps(), connection: each }));
    cache().write(machines);
    assert.deepEqual(cache().read(), machines);
    assert.equal(cache("two").read(), undefined);
    assert.equal(new TargetCache(folder, "other", "one").read(), undefined);
  });

  it("is the operator's alone to read", () => {
    cache().write([steps()]);
    assert.equal(fs.statSync(file()).mode & 0o777, 0o600);
    assert.deepEqual(fs.readdirSync(folder), ["targets-lab.json"]);
  });

  const key = { connection: connectionTo({ privateKey: "hunter2" }) };
  for (const [what, secret] of [
    ["a step with a secret", steps(true)],
    ["a private key", { ...steps(), ...key }],
  ] as const) {
    it(`is not kept with ${what} in it, nor is an older one`, () => {
      cache().write([steps()]);
      cache().write([steps(), secret]);
      assert.deepEqual(fs.readdirSync(folder), []);
      assert.equal(cache().read(), undefined);
    });
  }

  it("counts as missing if it is damaged", () => {
    cache().write([steps()]);
    const whole = fs.readFileSync(file(), "utf8");
    for (const text of ["", whole.slice(0, -9), '{"digest":"one","machines":[{}]}']) {
      fs.writeFileSync(file(), text);
      assert.equal(cache().read(), undefined);
    }
  });
});

describe("what a plan is made from", () => {
  let root: string;
  beforeEach(() => {
    root = fs.mkdtempSync(join(tmpdir(), "vmstation-digest-"));
    fs.mkdirSync(join(root, "components/node/files"), { recursive: true });
    fs.mkdirSync(join(root, "node_modules"));
    fs.writeFileSync(join(root, "Pulumi.yaml"), "name: x\nruntime: nodejs\n");
    fs.writeFileSync(join(root, "components/node/files/a.sh"), "step() { :; }\n");
  });
  afterEach(() => {
    fs.rmSync(root, { recursive: true });
  });

  const digest = (config = new Map<string, unknown>([["x:a", 1]]), stack = "lab"): string =>
    digestProgram(loadProject(root), stack, config, join(root, "components"));

  it("has another digest with any change to configuration, program or packages", () => {
    const seen = new Set([digest(), digest(new Map([["x:a", 2]])), digest(undefined, "two")]);
    const changes: (readonly [file: string, content: string])[] = [
      ["components/node/files/a.sh", "step() { true; }\n"],
      ["components/new.ts", ""],
      ["package-lock.json", "{}"],
      ["node_modules/.package-lock.json", "{}"],
      ["Pulumi.yaml", "name: x\nruntime: nodejs\ndescription: y\n"],
    ];
    for (const [name, content] of changes) {
      fs.writeFileSync(join(root, name), content);
      seen.add(digest());
    }
    assert.equal(seen.size, 3 + changes.length);
  });

  it("is neither what a run leaves behind, nor documents and tests", () => {
    const before = digest();
    for (const folder of [".vmstation", "docs", "test"]) {
      fs.mkdirSync(join(root, folder));
      fs.writeFileSync(join(root, folder, "x"), "");
    }
    assert.equal(digest(), before);
  });
});
