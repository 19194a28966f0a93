import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { MachineReport, ResourceStatus } from "../../../scripts/kit/look/report";
import { planReruns } from "../../../scripts/verbs/drift/reruns";
import type { MachineTargets } from "../../../scripts/kit/look/targets";
import { chain, fileStep } from "./fake-machines";

const DIFFERENCE = { kind: "file", name: "/a", reason: "missing", details: null };

/** What a look would say of a machine where these steps have drifted. */
function reported(
  targets: MachineTargets,
  drifted: readonly string[],
  as: ResourceStatus = "drifted",
): MachineReport {
  return {
    ...{ machine: targets.machine.name, address: "", status: "looked-at", error: null },
    ...{ sessions: 1, seconds: 0, confirmations: [] },
    resources: targets.targets.map(({ urn, name }) => ({
      ...{ urn, name, reason: null, fix: null },
      ...(drifted.includes(name)
        ? { status: as, differences: [DIFFERENCE] }
        : { status: "as-described", differences: [] }),
    })),
  };
}

const ready = fileStep("ready", "", { checks: false, confirms: ["firewall", "sshd"] });
const node = chain("m", [
  ...["kernel", "firewall", "sshd"].map((name) => fileStep(name, "x\n")),
  ready,
  fileStep("apps", "x\n"),
]);

function rerun(...drifted: string[]) {
  return planReruns([node], [reported(node, drifted)]).map(({ target, confirms }) => [
    target.name,
    confirms,
  ]);
}

describe("what --fix runs again", () => {
  it("is what has drifted, in the plan's order, and nothing else", () => {
    assert.deepEqual(rerun("m-apps", "m-kernel"), [
      ["m-kernel", false],
      ["m-apps", false],
    ]);
    assert.deepEqual(rerun(), []);
  });

  it("is what was found to differ, also if some steps could not be checked", () => {
    const [only, ...others] = planReruns([node], [reported(node, ["m-apps"], "could-not-look")]);
    assert.deepEqual([only?.target.name, others], ["m-apps", []]);
  });

  it("includes what confirms a firewall or sshd, right behind them", () => {
    assert.deepEqual(rerun("m-firewall", "m-apps"), [
      ["m-firewall", false],
      ["m-ready", true],
      ["m-apps", false],
    ]);
    assert.deepEqual(rerun("m-sshd"), [
      ["m-sshd", false],
      ["m-ready", true],
    ]);
  });

  it("waits for all that comes before it, on any machine, and for nothing later", () => {
    const names = ["a", "b", "c", "d"];
    fc.assert(
      fc.property(fc.subarray(names), fc.subarray(names), (here, there) => {
        const first = chain(
          "one",
          names.map((name) => fileStep(name, "")),
        );
        const second = chain(
          "two",
          names.map((name) => fileStep(name, "")),
        );
        // The second machine's steps need the whole of the first.
        const all = first.targets.map(({ urn }) => urn);
        const later = second.targets.map((target) => ({
          ...target,
          after: new Set([...all, ...target.after]),
        }));
        const machines = [{ ...second, targets: later }, first];
        const drifted = [
          ...here.map((name) => `one-${name}`),
          ...there.map((name) => `two-${name}`),
        ];
        const reruns = planReruns(
          machines,
          machines.map((each) => reported(each, drifted)),
        );
        assert.deepEqual(
          reruns.map(({ target }) => target.name),
          drifted,
        );
        for (const [index, { waitsFor }] of reruns.entries()) {
          const earlier = reruns.slice(0, index).map(({ target }) => target.urn);
          assert.deepEqual(waitsFor, earlier);
        }
      }),
    );
  });

  it("runs machines that do not need each other side by side", () => {
    const [one, two] = ["one", "two"].map((name) => chain(name, [fileStep("a", "")]));
    if (one === undefined || two === undefined) throw new Error("two machines");
    const reruns = planReruns([one, two], [reported(one, ["one-a"]), reported(two, ["two-a"])]);
    assert.deepEqual(
      reruns.map(({ waitsFor }) => waitsFor),
      [[], []],
    );
  });
});
