import { type Document, isPair, isScalar, visit } from "yaml";

/** A key that a map of a YAML file has a second time. */
export interface DuplicateKey {
  /** The keys from the top of the file down to it. */
  readonly path: readonly string[];
  /** Where it is first, and where again. */
  readonly lines: readonly [first: number, again: number];
}

/** All of a document's, in the file's order. `lineOf` gives the line of an offset in its text. */
export function findDuplicateKeys(
  document: Document,
  lineOf: (offset: number) => number,
): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  visit(document, {
    Map(_, map, ancestors) {
      const seen = new Map<string, number>();
      for (const { key } of map.items) {
        if (!isScalar(key) || !key.range) continue;
        const name = String(key.value);
        const [line, first] = [lineOf(key.range[0]), seen.get(name)];
        if (first === undefined) seen.set(name, line);
        else found.push({ path: [...pathOf(ancestors), name], lines: [first, line] });
      }
    },
  });
  return found;
}

function pathOf(ancestors: readonly unknown[]): string[] {
  return ancestors.flatMap((node) =>
    isPair(node) && isScalar(node.key) ? [String(node.key.value)] : [],
  );
}

/** Those of a stack's file, told as the configuration's other mistakes are. */
export function renderDuplicateKeys(file: string, duplicates: readonly DuplicateKey[]): string {
  const count = duplicates.length === 1 ? "1 key is" : `${duplicates.length} keys are`;
  const told = duplicates.map(
    ({ path, lines }) =>
      `  ${renderKey(path)}\n    found    in the lines ${lines.join(" and ")}\n    accepted once`,
  );
  return `${count} in ${file} twice; nothing was touched.\n${told.join("\n")}`;
}

/** As those write it: in a stack's file all of it is below `config`. */
export function renderKey(path: readonly string[]): string {
  return (path[0] === "config" && path.length > 1 ? path.slice(1) : path).join(".");
}
