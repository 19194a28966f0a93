import { type Document, isAlias, isMap, isScalar, isSeq, type Node, visit } from "yaml";

/** What cannot be put in for an alias or behind `<<`: the offset in the text, and what is wrong. */
interface WrongReference {
  readonly at: number;
  readonly message: string;
}

const WRONG_MERGE = "<< takes a map, such as <<: *worker, where another map has the anchor &worker";

/** All of a document's, in the file's order. */
export function findWrongReferences(document: Document): WrongReference[] {
  const found: WrongReference[] = [];
  // Each alias means the last anchor of its name above it; the parser would look through the whole document for each.
  const anchors = new Map<string, Node>();
  visit(document, {
    Value(_, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
    Alias(_, { source, range }) {
      if (anchors.has(source)) return;
      const message = `*${source} names nothing: no value above has the anchor &${source}`;
      found.push({ at: range?.[0] ?? 0, message });
    },
    Pair(_, { key, value }) {
      if (!isScalar(key) || !isMergeKey(key.value)) return;
      const sources: unknown[] = isSeq(value) ? value.items : [value];
      // An alias without an anchor is reported elsewhere.
      const isRight = (each: unknown): boolean =>
        isAlias(each) ? isMap(anchors.get(each.source)) || !anchors.has(each.source) : isMap(each);
      if (!sources.every(isRight)) found.push({ at: key.range?.[0] ?? 0, message: WRONG_MERGE });
    },
  });
  return found;
}

/** The parser's own mark: a `<<` in quotes is a key like any other. */
export function isMergeKey(key: unknown): boolean {
  return typeof key === "symbol";
}
