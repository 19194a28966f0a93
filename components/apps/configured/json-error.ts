import { createRequire } from "node:module";
import type { parse, ParseError } from "jsonc-parser";

/** "line 3 column 7": where a text stops being JSON; undefined where it is JSON. Node's own error does not always say. */
export function findJsonError(text: string): string | undefined {
  const errors: ParseError[] = [];
  loadParse()(text, errors, { disallowComments: true });
  return errors[0] && renderPosition(text, errors[0].offset);
}

function renderPosition(text: string, at: number): string {
  const lines = text.slice(0, at).split("\n");
  return `line ${lines.length} column ${(lines.at(-1) ?? "").length + 1}`;
}

/** Only a stack with such a file loads it. */
function loadParse(): typeof parse {
  const module: unknown = createRequire(__filename)("jsonc-parser");
  if (!hasParse(module)) throw new Error("the package jsonc-parser is not what was expected");
  return module.parse;
}

const hasParse = (module: unknown): module is { readonly parse: typeof parse } =>
  typeof module === "object" &&
  module !== null &&
  typeof Reflect.get(module, "parse") === "function";
