import assert from "node:assert/strict";
import { reportSchema, type Check } from "../../../scripts/kit/validation-report";
import { waitFor } from "../../rig/wait";
import type { Real } from "../running-real";
import { CLUSTER_FAULTS } from "./cluster-faults";
import { POD_FAULTS } from "./pod-faults";

const MINUTE = 60_000;

/** Something that is wrong with a real cluster: the checks that see it, and how it comes about and goes. */
export interface Fault {
  readonly what: string;
  /** "GROUP: CHECK", and what it says. No other check of these groups fails, but for those in `also`. */
  readonly seen: Readonly<Record<string, RegExp>>;
  readonly also?: readonly string[];
  readonly break: (real: Real) => Promise<unknown>;
  readonly mend: (real: Real) => Promise<unknown>;
}

/** Checks that do not pass, by "GROUP: CHECK". */
async function findFaults({ lab }: Real, groups: readonly string[]): Promise<Map<string, Check>> {
  const { stdout, stderr } = await lab.vmstation("validate", ...groups, "--json");
  assert.notEqual(stdout, "", stderr);
  const { checks } = reportSchema.parse(JSON.parse(stdout));
  const bad = checks.filter(({ status }) => status !== "pass");
  return new Map(bad.map((check) => [`${check.group}: ${check.name}`, check]));
}

/** Waits until the checks see the fault, and says what they said last where they do not. */
async function assertSeen(real: Real, { seen, also = [] }: Fault): Promise<void> {
  const wanted = Object.entries(seen);
  const groups = [...new Set(wanted.map(([check]) => check.split(":")[0] ?? ""))];
  let found = new Map<string, Check>();
  const isSeen = async (): Promise<boolean> => {
    found = await findFaults(real, groups);
    return wanted.every(([check, words]) => words.test(found.get(check)?.found ?? ""));
  };
  await waitFor("the checks to see it", isSeen, 4 * MINUTE).catch((error: unknown) => {
    throw new Error(JSON.stringify([...found.values()], null, 1), { cause: error });
  });
  const others = [...found.keys()].filter((check) => !(check in seen) && !also.includes(check));
  assert.deepEqual(others, []);
  for (const { advice } of found.values()) assert.notEqual(advice, "");
}

/** The tests of the checks and their faults, for a suite whose cluster is up and healthy. */
export function faultTests(getReal: () => Real): void {
  for (const fault of [...POD_FAULTS, ...CLUSTER_FAULTS])
    it(`shows by its checks that ${fault.what}, and that it is over`, async () => {
      const real = getReal();
      try {
        await fault.break(real);
        await assertSeen(real, fault);
      } finally {
        await fault.mend(real);
      }
      await real.lab.becomesHealthy();
    });
}
