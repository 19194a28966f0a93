import { groupByLayer } from "./layers";
import {
  type Component,
  componentEdges,
  groupParts,
  layOut,
  shortType,
  withDescendants,
} from "./layout";
import type { Plan } from "../../engine/plan";
import { reduceTransitively } from "./reduction";

/** What is drawn: a box per layer, in it a node per component, and what needs what. */
export interface Graph {
  title: string;
  boxes: GraphBox[];
  /** From what is done first to what needs it, by node id. */
  edges: { from: string; to: string }[];
}

export interface GraphBox {
  title: string;
  nodes: GraphNode[];
}

export interface GraphNode {
  /** `n1`, `n2`, … in the order of drawing. */
  id: string;
  title: string;
  /** What the component consists of: a line per type, names only where they are few. */
  parts: string[];
}

/** More parts of a type than this are counted instead of named; commands are always named. */
const MAX_NAMES = 6;

/** The picture of a plan: resources collapsed into their components, edges reduced. */
export function buildGraph(plan: Plan): Graph {
  const layout = layOut(plan);
  const ids = new Map<string, string>();
  const boxes = groupByLayer(plan, layout).map(({ title, components }) => ({
    title,
    nodes: components
      .flatMap(withDescendants)
      .filter(({ parts }) => parts.length > 0)
      .map((component) => {
        const id = `n${String(ids.size + 1)}`;
        ids.set(component.urn, id);
        return { id, title: component.name, parts: listParts(component) };
      }),
  }));
  const drawn = boxes.filter(({ nodes }) => nodes.length > 0);
  const edges = [...reduceTransitively(componentEdges(plan, layout))].flatMap(([urn, needed]) =>
    [...needed].flatMap((other) => {
      const [from, to] = [ids.get(other), ids.get(urn)];
      return from === undefined || to === undefined ? [] : [{ from, to }];
    }),
  );
  return { title: plan.stack, boxes: drawn, edges };
}

function listParts(component: Component): string[] {
  const itself = component.parts.find(({ urn }) => urn === component.urn);
  if (itself !== undefined) return [shortType(itself.type)];
  return groupParts(component).map(({ type, names }) => {
    if (type === "") return names.join(", ");
    return names.length > MAX_NAMES
      ? `${String(names.length)} ${type}`
      : `${type}: ${names.join(", ")}`;
  });
}
