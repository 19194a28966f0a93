import type { ResourceState, StackState } from "./state";

/**
 * The order in which resources are deleted: each wave side by side, none before what needs it. Only
 * needs among themselves count.
 */
export function deletionWaves(resources: readonly ResourceState[]): ResourceState[][] {
  const waves: ResourceState[][] = [];
  let left = [...resources];
  while (left.length > 0) {
    const needed = new Set(left.flatMap(({ needs }) => needs));
    const wave = left.filter(({ urn }) => !needed.has(urn));
    if (wave.length === 0) throw new Error("the resources to delete need each other in a circle");
    waves.push(wave);
    left = left.filter((resource) => !wave.includes(resource));
  }
  return waves;
}

/** What these resources need, according to the state. */
export function neededBy(urns: Iterable<string>, state: Pick<StackState, "get">): Set<string> {
  const needed = new Set<string>();
  const visit = (urn: string): void => {
    for (const other of state.get(urn)?.needs ?? []) {
      if (needed.has(other)) continue;
      needed.add(other);
      visit(other);
    }
  };
  for (const urn of urns) visit(urn);
  return needed;
}

/** What a destroy with --exclude-protected leaves, as ours is. */
export function heldByProtected(state: Pick<StackState, "get" | "all">): Set<string> {
  const isProtected = state.all().filter(({ protect }) => protect);
  const urns = isProtected.map(({ urn }) => urn);
  return new Set([...urns, ...neededBy(urns, state)]);
}
