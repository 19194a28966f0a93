import type { ChartReleaseSpec } from "../shared/chart-release";
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
  const planned = plans.flatMap((plan) => {
    const spec = plan.release?.(madeBy(plan));
    if (spec === undefined) return [];
    const added = additions.filter(({ release }) => release === spec.release);
    const values = added.reduce((sum, each) => ({ ...sum, ...each.values }), spec.values);
    return [{ spec: { ...spec, values }, members: [plan, ...added.map((each) => each.plan)] }];
  });
  checkNames(planned, additions);
  return planned;
}

/** A name that no release has would leave out values, or an order, in silence. */
function checkNames(
  planned: readonly PlannedRelease[],
  additions: readonly { readonly release: string }[],
): void {
  const names = planned.map(({ spec }) => spec.release);
  const unknown = additions.map(({ release }) => release).filter((name) => !names.includes(name));
  const late = planned.flatMap(({ spec }, i) =>
    (spec.after ?? []).filter((name) => !names.slice(0, i).includes(name)),
  );
  if (unknown.length > 0) throw new Error(`no part has the release ${unknown.join(", ")}`);
  if (late.length > 0) throw new Error(`no earlier part has the release ${late.join(", ")}`);
}
