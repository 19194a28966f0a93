import assert from "node:assert/strict";
import path from "node:path";
import manifest from "../../../package.json";
import { parseHeader } from "../../../components/remote/header";
import type { StateResource } from "../../../scripts/kit/state/deployment";
import { findMergers, mergeFormer } from "../../../scripts/kit/state/merge";
import { type Plan, plan } from "../../../scripts/engine/plan";
import { parseUrn } from "../../../scripts/engine/urn";
import { listRecorded, readRecorded } from "../../support/states/recorded-states";

const ROOT = path.join(__dirname, "../../..");

/** What an update removes on purpose, by name, and why nothing goes with it that today's program wants. */
const GONE: Readonly<Record<string, string>> = {};

/** The steps that a script does on its machine: what it removes is named by these. */
function stepsOf(stdin: unknown): string[] {
  const text = typeof stdin === "string" ? stdin : "";
  const machine = parseHeader(text)?.machine ?? "";
  return [...text.matchAll(/^ {2}STEP='([\w.-]+)'$/gm)].map(([, step]) => `${machine} ${step}`);
}

describe("today's program on the state of an earlier version", function () {
  this.timeout(60_000);
  let today: Plan;
  let known: Set<string>;

  before(async () => {
    today = await plan({
      ...{ folder: ROOT, stack: "rig", onOutput: () => undefined },
      configFile: path.join(ROOT, "test/rig/Pulumi.rig.yaml"),
    });
    known = new Set(today.resources.flatMap(({ urn, aliases }) => [urn, ...aliases]));
  });

  /** Of the providers' defaults the program says nothing; the engine keeps them for as long as it needs them. */
  const vanished = (resources: readonly StateResource[]): StateResource[] =>
    resources.filter(
      ({ urn, type }) => !known.has(urn) && !/^pulumi:(providers:|pulumi:Stack)/.test(type),
    );

  it("writes its version into the state", () => {
    assert.equal(today.outputs.version, manifest.version);
  });

  for (const version of listRecorded()) {
    describe(version, () => {
      const { deployment } = readRecorded(version);
      const merged = mergeFormer(deployment).resources ?? [];

      it("finds each resource again, or removes it on purpose", () => {
        const names = vanished(merged).map(({ urn }) => parseUrn(urn).name);
        assert.deepEqual(
          names.filter((name) => !(name in GONE)),
          [],
          "resources would be removed by their own scripts: give those that took their place aliases, " +
            "see CONTRIBUTING.md",
        );
      });

      it("removes no step on a machine that another resource does today", () => {
        const wanted = new Set(today.resources.flatMap(({ inputs }) => stepsOf(inputs.stdin)));
        const removed = vanished(merged).flatMap(({ inputs }) => stepsOf(inputs?.stdin));
        assert.deepEqual(
          removed.filter((step) => wanted.has(step)),
          [],
        );
      });

      it("still has each step of then: a step that no resource has would leave its files behind", () => {
        const done = new Set(today.resources.flatMap(({ inputs }) => stepsOf(inputs.stdin)));
        // What an update only learns on the way, such as a key, is in no plan: its script is not known here.
        const later = new Set(
          today.resources
            .filter(({ inputs }) => typeof inputs.stdin !== "string")
            .flatMap(({ urn, aliases }) => [urn, ...aliases]),
        );
        const before = (deployment.resources ?? [])
          .filter(({ urn }) => !later.has(urn))
          .flatMap(({ inputs }) => stepsOf(inputs?.stdin));
        assert.ok(before.length > 40);
        assert.deepEqual(
          before.filter((step) => !done.has(step)),
          [],
        );
      });

      it("is refused by up for as long as that is not so", () => {
        const mergers = findMergers(deployment);
        const left = vanished(deployment.resources ?? []).map(({ urn }) => urn);
        const refused = mergers.flatMap(({ former }) => former.map(({ urn }) => urn));
        const unwanted = left.filter((urn) => !(parseUrn(urn).name in GONE));
        assert.deepEqual(unwanted.sort(), refused.sort());
        for (const { urn } of mergers) assert.ok(known.has(urn), urn);
      });
    });
  }

  it("is tried on the version with ten resources for each machine, and on the first with four", () => {
    assert.deepEqual(
      ["db8d029", "e840457"].map((version) =>
        findMergers(readRecorded(version).deployment)
          .map(({ former }) => former.length)
          .sort(),
      ),
      [[2, 2, 2, 6, 6, 6], []],
    );
  });
});
