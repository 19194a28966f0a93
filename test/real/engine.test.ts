import assert from "node:assert/strict";
import type { EngineLab } from "../engine/engine-lab";
import { requireEngine } from "../engine/use-engine";
import { useReal } from "./use-real";

describe("a cluster by kubeadm, in the hands of the real engine", function () {
  this.bail(true);
  let engine: Awaited<ReturnType<typeof requireEngine>>;
  let update: EngineLab | undefined;

  // Without an engine no machine need be made.
  before(async function () {
    engine = await requireEngine(this);
  });
  after(() => update?.remove());
  const getReal = useReal();

  it("comes up by one `up`, whose validation passes", async () => {
    const { lab } = getReal();
    update = await lab.openEngine(engine);
    const ran = await update.up();
    assert.equal(ran.ok, true, ran.output);
    assert.deepEqual(ran.failed, []);
    await lab.passes("validate", "--failures");
  });

  it("is left alone by another `up`", async () => {
    const again = await update?.up({ expectNoChanges: true });
    assert.equal(again?.ok, true, again?.output);
  });
});
