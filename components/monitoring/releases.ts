import type { ChartReleaseSpec } from "./chart-release";
import type { Made, PartPlan } from "./part";
import type { MonitoringPlan } from "./plan";

/** A Helm release, and the parts that come with it. */
export interface PlannedRelease {
  readonly spec: ChartReleaseSpec;
  readonly members: readonly PartPlan[];
}

/** The releases of all parts. Each holds the values of the parts that add to it. */
export function planReleases(
  { plans, all }: MonitoringPlan,
  madeBy: (plan: PartPlan) => Made,
): PlannedRelease[] {
  const additions = plans.flatMap((plan) => {
    const added = plan.addsTo?.(all);
    return added === undefined ? [] : [{ plan, ...added }];
  });
  return plans.flatMap((plan) => {
    const spec = plan.release?.(madeBy(plan));
    if (spec === undefined) return [];
    const added = additions.filter(({ release }) => release === spec.release);
    const values = added.reduce((sum, each) => ({ ...sum, ...each.values }), spec.values);
    return [{ spec: { ...spec, values }, members: [plan, ...added.map((each) => each.plan)] }];
  });
}
