import { LineCounter, parseDocument } from "yaml";
import { renderPath } from "../../../stacks/errors";
import { EXIT, UserError } from "../user-error";
import { findWrongReferences } from "./merge-keys";
import { type DuplicateKey, findDuplicateKeys } from "./duplicate-keys";

/**
 * Integers with a leading zero are octal for the Pulumi CLI (its YAML library follows 1.1 there),
 * so a file mode of 0644 must not become 644 here.
 */
const LEGACY_OCTAL = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  format: "OCT",
  test: /^[-+]?0[0-7]+$/,
  resolve: (text: string): number => Number.parseInt(text, 8),
} as const;

interface Mistake {
  readonly line: number;
  readonly message: string;
}

/**
 * Parses a YAML file; every mistake is reported with its line, in one error. A key that stands there more than once is a
 * mistake too, unless `onDuplicate` is there to be told and the rest can be read: then the last one holds.
 */
export function parseYamlFile(
  file: string,
  text: string,
  onDuplicate?: (duplicate: DuplicateKey) => void,
): unknown {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    // The CLI, which follows YAML 1.1 there as well, puts in what `<<: *name` names.
    merge: true,
    // Found below, by name.
    uniqueKeys: false,
    customTags: (tags) => [LEGACY_OCTAL, ...tags],
  });
  const lineOf = (offset: number): number => counter.linePos(offset).line;
  const errors = document.errors.map(({ pos, message }) => ({ line: lineOf(pos[0]), message }));
  errors.push(
    ...findWrongReferences(document).map(({ at, message }) => ({ line: lineOf(at), message })),
  );
  const duplicates = findDuplicateKeys(document, lineOf);
  if (onDuplicate === undefined || errors.length > 0) errors.push(...duplicates.map(explain));
  else duplicates.forEach(onDuplicate);
  if (errors.length > 0) {
    const told = errors.sort((a, b) => a.line - b.line);
    const texts = told.map(({ line, message }) => `${file}:${line}: ${message}`);
    throw new UserError(texts.join("\n"), EXIT.fail);
  }
  // The file is the user's own: a bound on how often an anchor is used would only stop large stacks.
  return document.toJS({ maxAliasCount: -1 });
}

function explain({ path, lines: [first, again] }: DuplicateKey): Mistake {
  const message = `the key ${renderPath(path)} is defined more than once, first in line ${first}`;
  return { line: again, message };
}
