import type { Warning } from "../../../stacks/warnings";
import { printableMap, type PrintableMap, secretPaths } from "../../engine/inspect";
import type { Plan } from "../../engine/plan";
import type { HookBinding, Registration } from "../../engine/registration";

/** The plan of a stack as one JSON document, the same from run to run. */
export interface PlanDocument {
  stack: string;
  /** In the order of the graph, those that could swap places by URN. */
  resources: PlannedResource[];
  outputs: PrintableMap;
  warnings: Warning[];
}

export interface PlannedResource {
  urn: string;
  type: string;
  name: string;
  parent: string | null;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  /** With `"[secret]"` and `"[unknown]"` in place of what must not or cannot be shown. */
  inputs: PrintableMap;
  /** Where in the inputs secrets are, such as `connection` or `environment.TOKEN`. */
  secretInputs: string[];
  protect: boolean;
  hooks: HookBinding;
  /** The explicit provider's URN, or null for the package's default one. */
  provider: string | null;
}

export function renderDocument(plan: Plan): PlanDocument {
  return {
    stack: plan.stack,
    resources: plan.resources.map(renderResource),
    outputs: printableMap(plan.outputs),
    warnings: plan.warnings,
  };
}

function renderResource(registration: Registration): PlannedResource {
  const { urn, type, name, parent, protect, hooks, provider } = registration;
  const propertyDependencies: Record<string, string[]> = {};
  for (const [property, urns] of Object.entries(registration.propertyDependencies).sort(byKey)) {
    if (urns.length > 0) propertyDependencies[property] = [...urns].sort();
  }
  return {
    urn,
    type,
    name,
    parent: parent ?? null,
    dependencies: [...registration.dependencies].sort(),
    propertyDependencies,
    inputs: printableMap(registration.inputs),
    secretInputs: secretPaths(registration.inputs),
    protect,
    hooks,
    provider: provider ?? null,
  };
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
