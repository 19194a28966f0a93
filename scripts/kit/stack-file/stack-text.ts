import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import {
  isAlias,
  isMap,
  isScalar,
  parseDocument,
  type Document,
  type Pair,
  type YAMLMap,
} from "yaml";
import { renderPath } from "../../../stacks/errors";
import { UserError } from "../user-error";

/** A stack's file, changed key by key: comments and order stay as their author left them. */
export class StackText {
  constructor(
    readonly path: string,
    private text: string,
  ) {}

  static read(path: string): StackText {
    try {
      return new StackText(path, readFileSync(path, "utf8"));
    } catch {
      throw new UserError(`There is no ${path}.`);
    }
  }

  get content(): string {
    return this.text;
  }

  /** Changes the key's value, or puts the key first below the nearest key that is there. `value` is written as it is. */
  set(keys: readonly string[], value: string): void {
    const document = parseDocument(this.text, { uniqueKeys: false });
    const known = document.getIn(["config", ...keys], true);
    if ((isScalar(known) || isAlias(known)) && known.range) {
      const [start, end] = known.range;
      // A block of lines ends with its last line's end.
      const rest = this.text.slice(start, end).endsWith("\n") ? "\n" : "";
      this.splice(start, end, start === end ? ` ${value}` : `${value}${rest}`);
    } else this.insert(document, ["config", ...keys], value);
  }

  /** Whole or not at all, with the file's own mode. */
  write(): void {
    const temporary = `${this.path}.new`;
    writeFileSync(temporary, this.text, { mode: statSync(this.path).mode & 0o777 });
    renameSync(temporary, this.path);
  }

  private insert(document: Document, keys: readonly string[], value: string): void {
    for (let depth = keys.length - 1; depth > 0; depth -= 1) {
      const parent = document.getIn(keys.slice(0, depth), true);
      if (parent === undefined) continue;
      const missing = keys.slice(depth);
      const at = isMap(parent) ? this.place(document, keys.slice(0, depth), parent) : undefined;
      if (at === undefined) break;
      this.splice(at.offset, at.offset, at.render(missing, value));
      return;
    }
    const [, layer = "", ...rest] = keys;
    throw new UserError(
      `${this.path}: ${renderPath([layer, ...rest])} cannot be written there by a program. Write it yourself: ${value}`,
    );
  }

  private place(
    document: Document,
    keys: readonly string[],
    map: YAMLMap,
  ): { offset: number; render: (keys: readonly string[], value: string) => string } | undefined {
    if (map.flow === true) return placeInFlow(map);
    const above = pairOf(document, keys)?.key;
    const first = map.items[0]?.key;
    if (!isScalar(above) || !above.range || !isScalar(first) || !first.range) return undefined;
    const end = this.endOfLine(above.range[1]);
    const [start] = first.range;
    if (start < end) return undefined;
    const indent = start - (this.text.lastIndexOf("\n", start) + 1);
    const line = this.text.startsWith("\r\n", end) ? "\r\n" : "\n";
    return { offset: end, render: (missing, value) => renderBlock(missing, value, indent, line) };
  }

  private endOfLine(offset: number): number {
    const end = this.text.indexOf("\n", offset);
    if (end < 0) return this.text.length;
    return this.text[end - 1] === "\r" ? end - 1 : end;
  }

  private splice(start: number, end: number, text: string): void {
    this.text = this.text.slice(0, start) + text + this.text.slice(end);
  }
}

function pairOf(document: Document, keys: readonly string[]): Pair | undefined {
  const holder = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true);
  if (!isMap(holder)) return undefined;
  return holder.items.find(({ key }) => isScalar(key) && key.value === keys.at(-1));
}

function placeInFlow(map: YAMLMap) {
  if (!map.range) return undefined;
  const isEmpty = map.items.length === 0;
  return {
    offset: map.range[0] + 1,
    render: (keys: readonly string[], value: string): string => {
      const nested = [...keys].reverse().reduce((text, key, index) => {
        return index === 0 ? `${key}: ${text}` : `${key}: { ${text} }`;
      }, value);
      return isEmpty ? ` ${nested} ` : ` ${nested},`;
    },
  };
}

/** Behind the line of the key above: a comment on the first key stays with it. */
function renderBlock(keys: readonly string[], value: string, indent: number, line: string): string {
  return keys
    .map((key, depth) => {
      const last = depth === keys.length - 1 ? ` ${value}` : "";
      return `${line}${" ".repeat(indent + 2 * depth)}${key}:${last}`;
    })
    .join("");
}
