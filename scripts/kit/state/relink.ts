import type { StateResource } from "./deployment";

/** With every reference to an entry that is gone turned to what took its place, and none to itself. */
export function relink(
  resource: StateResource,
  successors: ReadonlyMap<string, string>,
): StateResource {
  const result: StateResource = { ...resource };
  const turn = (urn: string): string => successors.get(urn) ?? urn;
  const turnAll = (urns: readonly string[]): string[] =>
    [...new Set(urns.map(turn))].filter((urn) => urn !== resource.urn);
  const { dependencies, propertyDependencies, deletedWith, replaceWith } = resource;
  if (dependencies != null) result.dependencies = turnAll(dependencies);
  if (replaceWith != null) result.replaceWith = turnAll(replaceWith);
  if (deletedWith != null) result.deletedWith = turn(deletedWith);
  if (propertyDependencies != null) {
    result.propertyDependencies = Object.fromEntries(
      Object.entries(propertyDependencies).map(([key, urns]) => [key, urns && turnAll(urns)]),
    );
  }
  return result;
}
