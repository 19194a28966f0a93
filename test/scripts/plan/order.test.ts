import assert from "node:assert/strict";
import fc from "fast-check";
import { prerequisites, sortByGraph } from "../../../scripts/engine/order";
import { acyclicEdges } from "./arbitraries";
import { registration } from "./registrations";

describe("the order of the graph", () => {
  it("puts nothing before what it needs, in any order of registration", () => {
    const graphs = acyclicEdges.chain((edges) =>
      fc.tuple(
        fc.constant(edges),
        fc.shuffledSubarray([...edges.keys()], { minLength: edges.size }),
      ),
    );
    fc.assert(
      fc.property(graphs, ([edges, shuffled]) => {
        const make = (urn: string) =>
          registration(urn, { dependencies: [...(edges.get(urn) ?? [])] });
        const sorted = sortByGraph(shuffled.map(make)).map(({ urn }) => urn);
        for (const [urn, needed] of edges) {
          for (const other of needed) assert.ok(sorted.indexOf(other) < sorted.indexOf(urn));
        }
        assert.deepEqual(
          sorted,
          sortByGraph([...edges.keys()].map(make)).map(({ urn }) => urn),
        );
      }),
    );
  });

  it("takes the smallest URN of those that could come next", () => {
    const all = [registration("c"), registration("a", { dependencies: ["b"] }), registration("b")];
    assert.deepEqual(
      sortByGraph(all).map(({ urn }) => urn),
      ["b", "a", "c"],
    );
  });

  it("counts parent, provider and properties among what is needed", () => {
    const all = prerequisites(
      registration("x", {
        parent: "p",
        provider: "v",
        dependencies: ["d", "x"],
        propertyDependencies: { stdin: ["s"] },
      }),
    );
    assert.deepEqual([...all].sort(), ["d", "p", "s", "v"]);
  });

  it("ignores what is not part of the plan, and refuses a cycle", () => {
    assert.equal(sortByGraph([registration("a", { dependencies: ["elsewhere"] })]).length, 1);
    const cycle = [registration("a", { dependencies: ["b"] }), registration("b", { parent: "a" })];
    assert.throws(() => sortByGraph(cycle), /cycle/);
  });
});
