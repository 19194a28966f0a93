import assert from "node:assert/strict";
import { applyCrds } from "./crds";
import { addNodes } from "./nodes";
import { applyObjects, plannedNodes, plannedObjects } from "./plan-objects";
import { useCluster } from "./use-cluster";

describe("the stack's objects", () => {
  const getCluster = useCluster();

  before(async () => {
    await applyCrds(getCluster());
    await addNodes(getCluster(), plannedNodes());
  });

  it("are taken by the API server without an unknown field or a warning", async () => {
    const objects = (await plannedObjects()).map(({ object }) => object);
    assert.ok(objects.length > 80, String(objects.length));
    assert.deepEqual(await applyObjects(getCluster(), objects), []);
  });
});
