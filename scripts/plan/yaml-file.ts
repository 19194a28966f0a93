import { LineCounter, parseDocument } from "yaml";
import { EXIT, UserError } from "../user-error";
import { type DuplicateKey, findDuplicateKeys, renderKey } from "./duplicate-keys";

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

/**
 * Parses a YAML file; every mistake is reported with its line, in one error. A key that is there twice is a mistake too,
 * unless `onDuplicate` is there to be told: then the later one holds.
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
    // Found below, by name.
    uniqueKeys: false,
    customTags: (tags) => [LEGACY_OCTAL, ...tags],
  });
  const lineOf = (offset: number): number => counter.linePos(offset).line;
  const errors = document.errors.map((error) => `${lineOf(error.pos[0])}: ${error.message}`);
  const duplicates = findDuplicateKeys(document, lineOf);
  if (onDuplicate !== undefined) duplicates.forEach(onDuplicate);
  else errors.push(...duplicates.map(renderDuplicate));
  if (errors.length > 0) {
    throw new UserError(errors.map((error) => `${file}:${error}`).join("\n"), EXIT.fail);
  }
  return document.toJS();
}

function renderDuplicate({ path, lines: [first, again] }: DuplicateKey): string {
  return `${again}: the key ${renderKey(path)} is there twice, first in line ${first}`;
}
