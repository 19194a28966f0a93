import { type Document, isPair, isScalar, isSeq, visit, type YAMLMap } from "yaml";
import { isMergeKey } from "./merge-keys";
import { renderPath } from "../../../stacks/errors";

/** A key that a map of a YAML file has more than once. */
export interface DuplicateKey {
  /** The keys from the top of the file down to it, and the places in lists. */
  readonly path: readonly (string | number)[];
  /** Where it stands, in order. */
  readonly lines: readonly [first: number, again: number, ...more: number[]];
}

/** All of a document's, in the file's order. `lineOf` gives the line of an offset in its text. */
export function findDuplicateKeys(
  document: Document,
  lineOf: (offset: number) => number,
): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  visit(document, {
    Map(_, map, ancestors) {
      const path = pathOf([...ancestors, map]);
      for (const [name, [first, again, ...more]] of linesByKey(map, lineOf))
        if (first !== undefined && again !== undefined)
          found.push({ path: [...path, name], lines: [first, again, ...more] });
    },
  });
  return found;
}

function linesByKey({ items }: YAMLMap, lineOf: (offset: number) => number): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  for (const { key } of items) {
    if (!isScalar(key) || !key.range) continue;
    const name = isMergeKey(key.value) ? "<<" : String(key.value);
    lines.set(name, [...(lines.get(name) ?? []), lineOf(key.range[0])]);
  }
  return lines;
}

/** Each list or map of a document lies in the next node that is above it. */
function pathOf(nodes: readonly unknown[]): (string | number)[] {
  return nodes.flatMap((node, index): (string | number)[] => {
    if (isPair(node) && isScalar(node.key)) return [String(node.key.value)];
    return isSeq(node) ? [node.items.indexOf(nodes[index + 1])] : [];
  });
}

/** Those of a stack's file, told as the configuration's other mistakes are. */
export function renderDuplicateKeys(file: string, duplicates: readonly DuplicateKey[]): string {
  const count = duplicates.length === 1 ? "1 key is" : `${duplicates.length} keys are`;
  const told = duplicates.map(({ path, lines }) => {
    const own = path[0] === "config" && path.length > 1 ? path.slice(1) : path;
    return `  ${renderPath(own)}\n    found    in the lines ${lines.join(", ")}\n    accepted once`;
  });
  return `${count} defined more than once in ${file}. Nothing was changed.\n${told.join("\n")}`;
}
