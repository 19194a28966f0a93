import assert from "node:assert/strict";
import { z } from "zod";
import { python } from "./python";

/** What settle makes of the record: the key of "c", or why it is refused. `code`: of the look at the machine by SSH. */
const SETTLE = `
import newcomers
from members import Refused
def machine(key, sleeps=False):
    return {"roles": ["control-plane", "etcd"], "offline": False, "sleeps": sleeps, "key": key}
def settle(case):
    newcomers.discover.is_ready = lambda name: case["ready"]
    ssh = None if case["code"] is None else lambda machine: ["sh", "-c", f"exit {case['code']}"]
    recorded = {"machines": {"a": machine("1"), "c": machine("old")}}
    wanted = {"machines": {"a": machine("1"), "c": machine("new", case.get("sleeps", False))}}
    try:
        return newcomers.settle(recorded, wanted, ssh)["machines"]["c"]["key"]
    except Refused as refusal:
        return f"refused: {refusal}"
answer = [settle(case) for case in given]
`;

describe("a machine with another host key than the record has, by Kubespray", () => {
  it("is a new one where no cluster is on it and none of its name runs, and stays itself where one is", () => {
    const [bare, same, bareButRuns, silent, asleep, planned, plannedReady] = z
      .array(z.string())
      .parse(
        python(SETTLE, [
          { ready: false, code: 0 },
          { ready: false, code: 1 },
          { ready: true, code: 0 },
          { ready: false, code: 255 },
          { ready: false, code: 0, sleeps: true },
          { ready: false, code: null },
          { ready: true, code: null },
        ]),
      );
    // The record keeps the old key of a new machine: the plan takes the old one out by it.
    assert.deepEqual([bare, planned], ["old", "old"]);
    assert.deepEqual([same, asleep, plannedReady], ["new", "new", "new"]);
    assert.match(
      bareButRuns ?? "",
      /^refused: c has no cluster on it, but a machine of that name runs/,
    );
    assert.match(silent ?? "", /^refused: c has another host key than before, and does not answer/);
  });
});
