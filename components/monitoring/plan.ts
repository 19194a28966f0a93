import type { LayerFacts } from "../shared/facts";
import type { MonitoringConfig } from "./config";
import type { MonitoringContext } from "./context";
import type { Dashboard } from "./dashboards/dashboard";
import { drawDashboard } from "./dashboards/draw";
import { parts } from "./list-parts";
import type { AllParts, Connection, PartPlan } from "./part";
import { connectionPolicies, hostPolicies, lanPolicies } from "./policies";
import type { RuleGroup } from "./rules/rule";

/** Every part's plan, and what follows from all of them together. */
export interface MonitoringPlan {
  readonly plans: readonly PartPlan[];
  readonly all: AllParts;
  readonly policies: NonNullable<LayerFacts["namespaces"]>[number]["policies"];
}

/** The alerts of all parts. */
export const ruleGroups: readonly RuleGroup[] = parts.flatMap(({ rules }) => rules ?? []);

/** The dashboards of all parts. */
export const dashboards: readonly Dashboard[] = parts.flatMap((part) => part.dashboards ?? []);

export function planMonitoring(
  config: MonitoringConfig,
  context: MonitoringContext,
): MonitoringPlan {
  const site = { ...context, config };
  const plans = parts.map((part): PartPlan => part.plan?.(site) ?? {});
  const served = plans.flatMap((plan) => plan.serves ?? []);
  const connections = plans.flatMap((plan): readonly Connection[] => plan.connects?.(served) ?? []);
  const all: AllParts = {
    served,
    machinePorts: [
      ...plans.flatMap((plan) => plan.machinePorts ?? []).map(({ port }) => port),
      ...(context.scrapes ?? []).flatMap(({ port, onMachines = [] }) =>
        onMachines.length > 0 ? [port] : [],
      ),
    ],
    dashboards: [...dashboards, ...(context.dashboards ?? []).map(drawDashboard)],
    dashboardFiles: context.dashboardFiles ?? [],
  };
  return {
    plans,
    all,
    policies: [
      ...lanPolicies(served),
      ...connectionPolicies(served, connections),
      ...hostPolicies(
        plans.flatMap(({ hosts = [] }) => hosts),
        context,
      ),
      ...plans.flatMap((plan) => plan.policies?.(all) ?? []),
    ],
  };
}
