import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { text as readText } from "node:stream/consumers";
import { z } from "zod";
import { exportSchema, type StateEntry } from "./engine-document";
import type { EngineLab } from "./engine-lab";
import { openLab } from "./use-engine";

const CONFIG = path.join(__dirname, "../rig/Pulumi.rig.yaml");
const FORMER = "bootstrap-encryption";
const TODAY = "bootstrap-encryption-key";

const outputsSchema = z.object({ key: z.string() });

/** The state's entries as they lie there: what is a secret is encrypted. */
async function readEntries(lab: EngineLab): Promise<readonly StateEntry[]> {
  const { code, output } = await lab.verb(["pulumi", "stack", "export"]);
  assert.equal(code, 0, output);
  const text = output.slice(output.indexOf("{"));
  return exportSchema.parse(JSON.parse(text)).deployment.resources;
}

/** The key as the cluster got it when it was last changed. */
async function readKey(lab: EngineLab): Promise<string> {
  const words = ["stack", "output", "--show-secrets", "--json"];
  const { code, output } = await lab.verb(["pulumi", ...words]);
  assert.equal(code, 0, output);
  const key = outputsSchema.parse(JSON.parse(output.slice(output.indexOf("{")))).key;
  assert.equal(Buffer.from(key, "base64").length, 32);
  return key;
}

async function migrate(lab: EngineLab, key: string): Promise<void> {
  const { code, output } = await lab.verb(["migrate", "--yes"]);
  assert.equal(code, 0, output);
  assert.match(output, new RegExp(`${TODAY} {2}<- {2}${FORMER}\n`));
  assert.ok(!output.includes(key));
}

/** One entry, protected, and the key nowhere in the state as it is. */
async function assertCarriedOver(lab: EngineLab, key: string): Promise<void> {
  const entries = await readEntries(lab);
  const text = JSON.stringify(entries);
  assert.ok(!text.includes(key));
  assert.ok(!text.includes(`::${FORMER}"`));
  const found = entries.filter(({ urn }) => urn.endsWith(`::${TODAY}`));
  assert.deepEqual(
    found.map(({ id, protect }) => [id, protect]),
    [["none", true]],
  );
}

/** A stack as an earlier version has left it, and the key that is in it. */
async function start(context: Mocha.Context): Promise<{ lab: EngineLab; key: string }> {
  const program = "test/engine/program/encryption-key.ts";
  const lab = await openLab(context, { stack: "rig", configFile: CONFIG, program });
  const mark = path.join(lab.folder, "former");
  writeFileSync(mark, "");
  const update = await lab.up();
  assert.ok(update.ok, update.output);
  rmSync(mark);
  return { lab, key: await readKey(lab) };
}

async function assertUnchanged(lab: EngineLab, key: string): Promise<void> {
  const preview = await lab.preview();
  assert.ok(preview.ok, preview.output);
  assert.deepEqual(preview.names("create", "update", "delete", "replace"), []);
  const refresh = await lab.refresh();
  assert.ok(refresh.ok, refresh.output);
  const update = await lab.up({ expectNoChanges: true });
  assert.ok(update.ok, update.output);
  assert.equal(await readKey(lab), key);
  await assertCarriedOver(lab, key);
}

// Each test goes on from what the one before has left.
describe("the key of a kubeadm cluster's Secrets of an earlier version, by Pulumi's engine", () => {
  let lab: EngineLab;
  let key: string;

  before(async function () {
    ({ lab, key } = await start(this));
  });
  after(() => {
    lab.remove();
  });

  it("stands in the state as it is", async () => {
    assert.ok(JSON.stringify(await readEntries(lab)).includes(key));
  });

  it("lets preview and up be refused, with the command, and nothing is changed", async () => {
    const state = lab.stateText;
    for (const command of ["preview", "up"]) {
      const { code, output } = await lab.verb(["pulumi", command, "--yes"]);
      assert.equal(code, 2, output);
      assert.match(output, new RegExp(`${FORMER} is now ${TODAY}\n`));
      assert.match(output, /Nothing was changed\.[^]*vmstation .*migrate --stack rig/);
      assert.ok(!output.includes(key));
    }
    assert.equal(lab.stateText, state);
  });

  it("is carried over by migrate, and is nowhere in the state as it is then", async () => {
    await migrate(lab, key);
    await assertCarriedOver(lab, key);
  });

  it("is the same by every preview, refresh and up after it, which change nothing", async () => {
    await assertUnchanged(lab, key);
    await assertUnchanged(lab, key);
  });

  it("stays by a destroy, as the cluster does, and is the same by the next up", async () => {
    const { code, output } = await lab.verb(["pulumi", "destroy", "--yes"]);
    assert.equal(code, 0, output);
    await assertCarriedOver(lab, key);
    const update = await lab.up();
    assert.ok(update.ok, update.output);
    assert.equal(await readKey(lab), key);
  });

  it("stays where an update would make another one", async () => {
    const replaced = lab.start("up", "--yes", "--skip-preview", "--replace", `**::${TODAY}`);
    const said = await readText(replaced.stdout);
    assert.match(said, /unable to replace .*bootstrap-encryption-key[^]*marked for protection/);
    await assertUnchanged(lab, key);
  });

  it("is another one for a new cluster, once its entry was deleted", async () => {
    const destroy = await lab.verb(["pulumi", "destroy", "--yes"]);
    assert.equal(destroy.code, 0, destroy.output);
    const { urn } = (await readEntries(lab)).find((one) => one.urn.endsWith(`::${TODAY}`)) ?? {};
    assert.ok(urn);
    const { code, output } = await lab.verb(["pulumi", "state", "delete", urn, "--force", "--yes"]);
    assert.equal(code, 0, output);
    const update = await lab.up();
    assert.ok(update.ok, update.output);
    const other = await readKey(lab);
    assert.notEqual(other, key);
    await assertUnchanged(lab, other);
  });
});

describe("such a key after plain pulumi up without migrate, by Pulumi's engine", () => {
  let lab: EngineLab;
  let key: string;

  before(async function () {
    ({ lab, key } = await start(this));
    assert.ok(!(await lab.up()).ok);
    assert.notEqual(await readKey(lab), key);
  });
  after(() => {
    lab.remove();
  });

  it("does not keep a destroy from leaving it", async () => {
    const { code, output } = await lab.verb(["pulumi", "destroy", "--yes"]);
    assert.equal(code, 0, output);
    assert.ok((await readEntries(lab)).some(({ urn }) => urn.endsWith(`::${FORMER}`)));
  });

  it("takes its place again by migrate", async () => {
    assert.ok(!(await lab.up()).ok);
    assert.equal((await lab.verb(["pulumi", "up", "--yes"])).code, 2);
    await migrate(lab, key);
    await assertCarriedOver(lab, key);
    const update = await lab.up();
    assert.ok(update.ok, update.output);
    await assertUnchanged(lab, key);
  });
});
