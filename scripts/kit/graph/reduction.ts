/** What each node needs directly. */
export type Edges = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The edges without those that others imply: where `a` needs `b` and `b` needs `c`, an edge from
 * `a` to `c` says nothing new. Edges within a cycle are all kept.
 */
export function reduceTransitively(edges: Edges): Map<string, Set<string>> {
  const reachable = reachability(edges);
  const reduced = new Map<string, Set<string>>();
  for (const [node, needed] of edges) {
    const kept = [...needed].filter(
      (target) => ![...needed].some((via) => implies(reachable, node, via, target)),
    );
    reduced.set(node, new Set(kept.sort()));
  }
  return reduced;
}

function implies(reachable: Edges, node: string, via: string, target: string): boolean {
  if (via === target || via === node) return false;
  const below = reachable.get(via);
  if (below?.has(target) !== true || below.has(node)) return false;
  // Two resources that need each other imply each other's edges: both edges would go.
  return reachable.get(target)?.has(via) !== true;
}

/** All that each node needs, directly or not. */
function reachability(edges: Edges): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  for (const start of edges.keys()) {
    const seen = new Set<string>();
    const pending = [...(edges.get(start) ?? [])];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      pending.push(...(all.get(node) ?? edges.get(node) ?? []));
    }
    all.set(start, seen);
  }
  return all;
}

/** How many others must be done before each node, along the longest chain; 0 for the first. */
export function levels(edges: Edges): Map<string, number> {
  const result = new Map<string, number>();
  const level = (node: string): number => {
    const known = result.get(node);
    if (known !== undefined) return known;
    result.set(node, 0);
    const below = [...(edges.get(node) ?? [])].map(level);
    const own = below.length === 0 ? 0 : 1 + Math.max(...below);
    result.set(node, own);
    return own;
  };
  for (const node of edges.keys()) level(node);
  return result;
}
