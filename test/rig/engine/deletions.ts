import type { ResourceState } from "./state";

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
