import { TAINT } from "./cluster/cluster-faults";
import { faultTests } from "./cluster/faults";
import { upPasses } from "./cluster/lab";
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
    await upPasses(lab);
  });

  faultTests(getReal);
});
