import assert from "node:assert/strict";
import { findController } from "../../../components/node/facts";
import { machine } from "../power/fixtures";

describe("the controller", () => {
  const planes = ["b", "a", "c"].map((name) => machine(name, { roles: ["control-plane"] }));

  it("is the first control plane by name, in any order of the configuration", () => {
    assert.equal(findController(planes, undefined)?.name, "a");
    assert.equal(findController([...planes].reverse(), undefined)?.name, "a");
  });

  it("is the control plane that the configuration names", () => {
    assert.equal(findController(planes, "c")?.name, "c");
    assert.equal(findController(planes, "nobody"), undefined);
    assert.equal(findController([...planes, machine("worker")], "worker"), undefined);
  });
});
