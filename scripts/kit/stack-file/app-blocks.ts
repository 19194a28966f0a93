import { isMap, isScalar, parseDocument, type Document, type Pair, type YAMLMap } from "yaml";

/** A block of lines of a stack's file, the first of them its key; each is indented as from the left margin. */
export type Block = readonly string[];

/** Why a program cannot change the file there. */
export class Unwritable extends Error {}

/** The text with the block as the last entry of a key below `config`, which is made where it is missing. */
export function addBlock(text: string, key: string, block: Block): string {
  const { config, pair } = find(text, key);
  const indent = columnOf(text, config.items[0]);
  if (pair === undefined) {
    return insertAfter(text, config.items.at(-1), [`${key}:`, ...indented(block, 2)], indent);
  }
  const { value } = pair;
  if (isMap(value) && value.items.length > 0) {
    if (value.flow === true) throw new Unwritable(`${key} is written on one line`);
    return insertAfter(text, value.items.at(-1), block, columnOf(text, value.items[0]));
  }
  if (value !== null && !isMap(value) && !(isScalar(value) && value.value === null)) {
    throw new Unwritable(`${key} is no map`);
  }
  const start = lineStart(text, startOf(pair));
  const end = lineEnd(text, startOf(pair));
  const lines = [`${key}:`, ...indented(block, 2)].map((line) => " ".repeat(indent) + line);
  return text.slice(0, start) + lines.join("\n") + text.slice(end);
}

/** The text without an entry of a key below `config`; the comments right above it go with it. */
export function removeBlock(text: string, key: string, name: string): string {
  const { pair } = find(text, key);
  const map = pair?.value;
  const entry = isMap(map) ? map.items.find((each) => nameOf(each) === name) : undefined;
  if (!isMap(map) || entry === undefined) throw new Unwritable(`${key} has no ${name}`);
  if (map.flow === true) throw new Unwritable(`${key} is written on one line`);
  const start = withComments(text, lineStart(text, startOf(entry)), columnOf(text, entry));
  const end = contentEnd(text, entry);
  const rest = text.slice(0, start) + text.slice(end).replace(/^\n/, "");
  if (map.items.length > 1 || pair === undefined) return rest;
  // A comment may follow on that line.
  const head = rest.indexOf(":", startOf(pair) + key.length) + 1;
  return `${rest.slice(0, head)} {}${rest.slice(head)}`;
}

function find(text: string, key: string): { config: YAMLMap; pair: Pair | undefined } {
  const document: Document = parseDocument(text, { uniqueKeys: false });
  const config = document.get("config", true);
  if (!isMap(config) || config.flow === true || config.items.length === 0) {
    throw new Unwritable("config is no map of lines");
  }
  return { config, pair: config.items.find((each) => nameOf(each) === key) };
}

function nameOf({ key }: Pair): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}

function startOf({ key }: Pair): number {
  if (!isScalar(key) || !key.range) throw new Unwritable("a key is no text");
  return key.range[0];
}

function columnOf(text: string, pair: Pair | undefined): number {
  if (pair === undefined) return 2;
  const start = startOf(pair);
  return start - lineStart(text, start);
}

const lineStart = (text: string, offset: number): number => text.lastIndexOf("\n", offset - 1) + 1;

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}

/** The end of the last line of an entry that is neither empty nor a comment. */
function contentEnd(text: string, pair: Pair): number {
  const { value } = pair;
  const isNode = typeof value === "object" && value !== null && "range" in value;
  const range = isNode && Array.isArray(value.range) ? value.range : [];
  const until = typeof range[1] === "number" ? range[1] : lineEnd(text, startOf(pair));
  const lines = text.slice(startOf(pair), until).split("\n");
  while (lines.length > 1 && /^\s*(#.*)?$/.test(lines.at(-1) ?? "")) lines.pop();
  return lineEnd(text, startOf(pair) + lines.join("\n").length);
}

/** Where the comments begin that stand right above a line, as far in as it is. */
function withComments(text: string, start: number, column: number): number {
  const above = lineStart(text, Math.max(0, start - 1));
  if (above >= start) return start;
  const isOwn = new RegExp(`^ {${column}}#`).test(text.slice(above, start));
  return isOwn ? withComments(text, above, column) : start;
}

function insertAfter(text: string, pair: Pair | undefined, block: Block, indent: number): string {
  if (pair === undefined) throw new Unwritable("a map is empty");
  const end = contentEnd(text, pair);
  const lines = block.map((line) => `\n${" ".repeat(indent)}${line}`).join("");
  return text.slice(0, end) + lines + text.slice(end);
}

const indented = (block: Block, by: number): string[] =>
  block.map((line) => `${" ".repeat(by)}${line}`);
