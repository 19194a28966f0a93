import {
  type Component,
  componentEdges,
  countParts,
  type Layout,
  STACK_LAYER,
  withDescendants,
} from "./layout";
import type { Plan } from "../../engine/plan";
import { type Edges, levels } from "./reduction";

/** Components of one layer that can be shown as one box. */
export interface Layer {
  /** The layer's name; where the layer has two places in the order, the component's or class's. */
  title: string;
  components: Component[];
  resources: number;
  /** Its place in the order; layers of the same level do not wait for each other. */
  level: number;
}

/**
 * The layers in order. One that must be done both before and after another (as validation is: its
 * preflight comes first, its checks last) is split by class.
 */
export function groupByLayer(plan: Plan, layout: Layout): Layer[] {
  const edges = componentEdges(plan, layout);
  const groups = group(layout.components, layersToSplit(layout.components, edges));
  const order = levels(groupEdges(groups, edges));
  return [...groups]
    .map(([title, components]) => ({
      title: shortTitle(title, components),
      components,
      resources: components.reduce((sum, component) => sum + countParts(component), 0),
      level: order.get(title) ?? 0,
    }))
    .sort((a, b) => a.level - b.level || (a.title < b.title ? -1 : 1));
}

/** What stands alone, in a place of its own or directly under the stack, goes by its own name. */
function shortTitle(title: string, [first, ...more]: Component[]): string {
  const standsAlone = title.includes(": ") || title === STACK_LAYER;
  return standsAlone && first !== undefined && more.length === 0 ? first.name : title;
}

/** The fewest layers that must be split for the rest to have an order: none, one, or all. */
function layersToSplit(components: Component[], edges: Edges): ReadonlySet<string> {
  const isOrdered = (split: ReadonlySet<string>): boolean =>
    !hasCycle(groupEdges(group(components, split), edges));
  const layers = [...new Set(components.map(({ layer }) => layer))].sort();
  const candidates = [[], ...layers.map((layer) => [layer])].map((split) => new Set(split));
  return candidates.find(isOrdered) ?? new Set(layers);
}

function group(components: Component[], split: ReadonlySet<string>): Map<string, Component[]> {
  const groups = new Map<string, Component[]>();
  for (const component of components) {
    const { layer, className } = component;
    const key = split.has(layer) ? `${layer}: ${className}` : layer;
    groups.set(key, [...(groups.get(key) ?? []), component]);
  }
  return groups;
}

function groupEdges(groups: Map<string, Component[]>, edges: Edges): Map<string, Set<string>> {
  const titles = new Map<string, string>();
  for (const [title, components] of groups) {
    for (const { urn } of components.flatMap(withDescendants)) titles.set(urn, title);
  }
  const result = new Map<string, Set<string>>();
  for (const title of groups.keys()) result.set(title, new Set());
  for (const [urn, needed] of edges) {
    const title = titles.get(urn) ?? "";
    for (const other of needed) {
      const target = titles.get(other) ?? "";
      if (target !== title) result.get(title)?.add(target);
    }
  }
  return result;
}

/** Whether a node needs itself by way of others. */
function hasCycle(edges: Edges): boolean {
  const done = new Set<string>();
  const open = new Set<string>();
  const closes = (node: string): boolean => {
    if (open.has(node)) return true;
    if (done.has(node)) return false;
    open.add(node);
    const found = [...(edges.get(node) ?? [])].some(closes);
    open.delete(node);
    done.add(node);
    return found;
  };
  return [...edges.keys()].some(closes);
}
