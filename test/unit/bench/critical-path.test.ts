import assert from "node:assert/strict";
import * as fc from "fast-check";
import { longestChain } from "../../bench/critical-path";

/** Resources 0 to n-1, each of which may wait for earlier ones. */
const graphs = fc
  .array(fc.record({ took: fc.integer({ min: 1, max: 99 }), mask: fc.nat(2 ** 16) }), {
    minLength: 1,
    maxLength: 16,
  })
  .map((resources) => ({
    durations: new Map(resources.map(({ took }, index) => [`r${index}`, took])),
    dependencies: new Map(
      resources.map(({ mask }, index) => [
        `r${index}`,
        Array.from({ length: index }, (_, other) => other)
          .filter((other) => (mask >> other) & 1)
          .map((other) => `r${other}`),
      ]),
    ),
  }));

describe("the longest chain of an update", () => {
  it("goes through what did not itself change, such as a component", () => {
    const durations = new Map([
      ["a", 5],
      ["b", 7],
      ["c", 11],
    ]);
    const dependencies = new Map([
      ["c", ["component"]],
      ["component", ["a"]],
    ]);
    assert.deepEqual(longestChain(durations, dependencies), {
      milliseconds: 16,
      urns: ["a", "component", "c"],
    });
  });

  it("is as long as a run of everything without a limit of parallel work", () => {
    fc.assert(
      fc.property(graphs, ({ durations, dependencies }) => {
        const ends = new Map<string, number>();
        for (const [urn, took] of durations) {
          const start = Math.max(0, ...(dependencies.get(urn) ?? []).map((d) => ends.get(d) ?? 0));
          ends.set(urn, start + took);
        }
        const { milliseconds, urns } = longestChain(durations, dependencies);
        assert.equal(milliseconds, Math.max(...ends.values()));
        for (const [index, urn] of urns.slice(1).entries())
          assert.ok(dependencies.get(urn)?.includes(urns[index] ?? ""));
      }),
    );
  });
});
