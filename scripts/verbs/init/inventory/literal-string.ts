import { type LiteralReader, NotLiteral } from "./literal-reader";

const START = /([rR]?[bB]|[bB][rR]|[rRuU]?)("""|'''|"|')/y;

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ...["\\", "'", '"'].map((char) => [char, char] as const),
  ...(
    [
      ["a", "\x07"],
      ["b", "\b"],
      ["f", "\f"],
      ["n", "\n"],
      ["r", "\r"],
      ["t", "\t"],
      ["v", "\v"],
    ] as const
  ).map(([name, char]) => [name, char] as const),
]);

/** One string of Python's, or several side by side, which are one. Bytes are one character each. */
export function readStrings(reader: LiteralReader): { text: string; isBytes: boolean } | undefined {
  let all: { text: string; isBytes: boolean } | undefined;
  for (;;) {
    const start = reader.match(START);
    if (start === undefined)
      return all && { ...all, text: all.isBytes ? decode(all.text) : all.text };
    const [, prefix = "", quote = ""] = start;
    const isBytes = /b/i.test(prefix);
    if (all !== undefined && all.isBytes !== isBytes) throw new NotLiteral();
    const text = readBody(reader, quote, { isRaw: /r/i.test(prefix), isBytes });
    all = { text: `${all?.text ?? ""}${text}`, isBytes };
  }
}

function decode(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

interface StringKind {
  readonly isRaw: boolean;
  readonly isBytes: boolean;
}

function readBody(reader: LiteralReader, quote: string, kind: StringKind): string {
  let text = "";
  for (;;) {
    if (reader.matchHere(new RegExp(quote, "y"))) return text;
    const backslash = reader.matchHere(/\\([^])/uy);
    if (backslash !== undefined) {
      const [whole, char = ""] = backslash;
      text += kind.isRaw ? whole : readEscape(reader, char, kind);
      continue;
    }
    const char = reader.matchHere(/[^\\]/uy)?.[0];
    if (char === undefined || (kind.isBytes && char > "\x7f")) throw new NotLiteral();
    text += char;
  }
}

function readEscape(reader: LiteralReader, char: string, { isBytes }: StringKind): string {
  const simple = SIMPLE.get(char);
  if (simple !== undefined) return simple;
  if (/[0-7]/.test(char)) {
    const more = reader.matchHere(/[0-7]{0,2}/y)?.[0] ?? "";
    const code = Number.parseInt(`${char}${more}`, 8);
    return String.fromCodePoint(isBytes ? code % 256 : code);
  }
  const digits = char === "x" ? 2 : isBytes ? 0 : char === "u" ? 4 : char === "U" ? 8 : 0;
  if (digits > 0) return readCode(reader, digits);
  // A character by its name (\N{…}) needs Unicode's list of names, and no inventory uses it.
  if (char === "N" && !isBytes) throw new NotLiteral();
  if (isBytes && char > "\x7f") throw new NotLiteral();
  return `\\${char}`;
}

function readCode(reader: LiteralReader, digits: number): string {
  const hex = reader.matchHere(new RegExp(`[\\da-fA-F]{${digits}}`, "y"))?.[0];
  const code = Number.parseInt(hex ?? "", 16);
  if (hex === undefined || code > 0x10ffff) throw new NotLiteral();
  return String.fromCodePoint(code);
}
