import assert from "node:assert/strict";
import fc from "fast-check";
import { levels, reduceTransitively } from "../../../scripts/kit/graph/reduction";
import { acyclicEdges } from "./arbitraries";

type Edges = Map<string, Set<string>>;

function edgesOf(lines: Record<string, string>): Edges {
  return new Map(
    Object.entries(lines).map(([node, needed]) => [
      node,
      new Set(needed.split(" ").filter(Boolean)),
    ]),
  );
}

function reaches(edges: Edges, from: string, to: string): boolean {
  return [...(edges.get(from) ?? [])].some((next) => next === to || reaches(edges, next, to));
}

describe("transitive reduction", () => {
  it("drops what follows from other edges", () => {
    const reduced = reduceTransitively(edgesOf({ a: "", b: "a", c: "a b", d: "a b c" }));
    assert.deepEqual(reduced, edgesOf({ a: "", b: "a", c: "b", d: "c" }));
  });

  it("keeps every path, and only the edges that it needs", () => {
    fc.assert(
      fc.property(acyclicEdges, (edges) => {
        const reduced = reduceTransitively(edges);
        for (const from of edges.keys()) {
          for (const to of edges.keys()) {
            assert.equal(reaches(reduced, from, to), reaches(edges, from, to), `${from} ${to}`);
          }
          for (const to of reduced.get(from) ?? []) {
            const without = new Map(reduced).set(from, new Set(reduced.get(from)));
            without.get(from)?.delete(to);
            assert.ok(!reaches(without, from, to), `${from} needs no edge to ${to}`);
          }
        }
      }),
    );
  });

  it("keeps the edges of a cycle", () => {
    const cycle = edgesOf({ a: "b", b: "a" });
    assert.deepEqual(reduceTransitively(cycle), cycle);
  });
});

describe("levels", () => {
  it("count the longest chain below", () => {
    const result = levels(edgesOf({ a: "", b: "a", c: "a b", d: "a" }));
    assert.deepEqual(Object.fromEntries(result), { a: 0, b: 1, c: 2, d: 1 });
  });
});
