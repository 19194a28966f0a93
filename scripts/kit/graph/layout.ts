import { prerequisites } from "../../engine/order";
import type { Plan } from "../../engine/plan";
import { isProviderType, type Registration } from "../../engine/registration";
import { STACK_TYPE } from "../../engine/urn";

/** A component with what it consists of, for pictures of a plan. */
export interface Component {
  urn: string;
  name: string;
  /** `monitoring` of `vmstation:monitoring:Loki`; what is no component of ours is in `stack`. */
  layer: string;
  /** `Loki` of `vmstation:monitoring:Loki`. */
  className: string;
  children: Component[];
  /** Its own resources that are no components, in the order of the graph. */
  parts: Registration[];
}

export interface Layout {
  /** The components that stand directly under the stack, in the order of the graph. */
  components: Component[];
  /** Each resource's innermost component, itself for a component, by URN. */
  owners: Map<string, Component>;
}

/** The name of the layer of what stands under the stack by itself. */
export const STACK_LAYER = "stack";

/** Groups a plan's resources by component. */
export function layOut(plan: Plan): Layout {
  const components: Component[] = [];
  const owners = new Map<string, Component>();
  for (const registration of plan.resources) {
    if (registration.type === STACK_TYPE) continue;
    const owner = registration.parent === undefined ? undefined : owners.get(registration.parent);
    if (registration.custom && owner !== undefined) {
      owner.parts.push(registration);
      owners.set(registration.urn, owner);
      continue;
    }
    const component = makeComponent(registration, owner);
    (owner?.children ?? components).push(component);
    owners.set(registration.urn, component);
  }
  return { components, owners };
}

/** A resource directly under the stack is shown as a component with that one part. */
function makeComponent(registration: Registration, owner: Component | undefined): Component {
  const { urn, name, type, custom } = registration;
  const [project, layer = "", className = ""] = type.split(":");
  const isOurs = !custom && project === "vmstation";
  return {
    urn,
    name,
    layer: isOurs ? layer : (owner?.layer ?? STACK_LAYER),
    className: isOurs ? className : shortType(type),
    children: [],
    parts: custom ? [registration] : [],
  };
}

/** `Release` of `kubernetes:helm.sh/v3:Release`, and `kubernetes provider` of its provider. */
export function shortType(type: string): string {
  const last = type.slice(type.lastIndexOf(":") + 1);
  return isProviderType(type) ? `${last} provider` : last;
}

/** The name of a part without its component's, which it begins with. */
export function partName(component: Component, part: Registration): string {
  const prefix = `${component.name}-`;
  return part.name.startsWith(prefix) ? part.name.slice(prefix.length) : part.name;
}

/** Parts of one type, by their names. */
export interface PartGroup {
  /** Empty for commands, which a name describes best. */
  type: string;
  names: string[];
}

/** A component's parts by type, commands first, in the order in which each type comes up. */
export function groupParts(component: Component): PartGroup[] {
  const groups = new Map<string, string[]>([["", []]]);
  for (const part of component.parts) {
    if (part.urn === component.urn) continue;
    const type = shortType(part.type);
    const key = type === "Command" ? "" : type;
    groups.set(key, [...(groups.get(key) ?? []), partName(component, part)]);
  }
  return [...groups]
    .map(([type, names]) => ({ type, names }))
    .filter(({ names }) => names.length > 0);
}

/** How many resources there are in a component, those of its children included. */
export function countParts(component: Component): number {
  return component.children.reduce((sum, child) => sum + countParts(child), component.parts.length);
}

/** A component and all below it. */
export function withDescendants(component: Component): Component[] {
  return [component, ...component.children.flatMap(withDescendants)];
}

/**
 * Which components need which others, by URN. A component waits for what those around it need as
 * well; what is around it is left out.
 */
export function componentEdges(
  plan: Plan,
  { components, owners }: Layout,
): Map<string, Set<string>> {
  const direct = new Map<string, Set<string>>();
  for (const component of owners.values()) direct.set(component.urn, new Set());
  for (const registration of plan.resources) {
    const owner = owners.get(registration.urn);
    if (owner === undefined) continue;
    for (const urn of prerequisites(registration)) {
      const needed = owners.get(urn);
      if (needed !== undefined) direct.get(owner.urn)?.add(needed.urn);
    }
  }
  const edges = new Map<string, Set<string>>();
  const visit = (component: Component, around: string[], inherited: string[]): void => {
    const path = [...around, component.urn];
    const needed = [...inherited, ...(direct.get(component.urn) ?? [])];
    edges.set(component.urn, new Set(needed.filter((urn) => !path.includes(urn))));
    for (const child of component.children) visit(child, path, needed);
  };
  for (const component of components) visit(component, [], []);
  return edges;
}
