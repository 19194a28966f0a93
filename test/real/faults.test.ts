import assert from "node:assert/strict";
import { TAINT } from "./cluster/cluster-faults";
import { faultTests } from "./cluster/faults";
import { assertDone, validationOf } from "./cluster/lab";
import { requireLong } from "./long";
import { useReal } from "./use-real";

/** So that a test need not wait for minutes until a kubelet or a check says what it has seen. */
const IMPATIENT = {
  validation: { pods: { pendingFor: "20s" } },
  bootstrap: { kubelet: { failCgroupV1: false, evictionPressureTransitionPeriod: "10s" } },
};

describe("a real cluster with a fault", () => {
  before(function () {
    requireLong(this);
  });
  const getReal = useReal();

  before(async () => {
    const { lab } = getReal();
    lab.describe({ more: IMPATIENT, changes: { spruce: { taints: [TAINT] } } });
    const result = await lab.up();
    assertDone(result, lab);
    assert.equal(validationOf(result).status, "pass");
  });

  faultTests(getReal);
});
