/** A mark, a text, or another value, after white space (RFC 8259). */
const TOKEN =
  /[ \t\r\n]*(?:([[\]{},:])|("[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

type Expected = "value" | "value or ]" | "name" | "name or }" | ":" | "next" | "nothing";

/** "line 3 column 7": where a text stops being JSON; undefined where it is JSON. The engine's own error does not always say. */
export function findJsonError(text: string): string | undefined {
  const open: string[] = [];
  let expected: Expected = "value";
  for (let at = 0; ;) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) return atEnd(text, at, expected);
    const next = step(found, expected, open);
    if (next === undefined) return renderPosition(text, at);
    expected = next;
    at = TOKEN.lastIndex;
  }
}

function atEnd(text: string, at: number, expected: Expected): string | undefined {
  const isEnd = /^[ \t\r\n]*$/.test(text.slice(at));
  return isEnd && expected === "nothing" ? undefined : renderPosition(text, at);
}

/** What may stand after a token; undefined where that one may not stand here. */
function step(
  [, mark, word, value]: RegExpExecArray,
  expected: Expected,
  open: string[],
): Expected | undefined {
  const after = (): Expected => (open.length === 0 ? "nothing" : "next");
  const isValue = expected === "value" || expected === "value or ]";
  if (value !== undefined) return isValue ? after() : undefined;
  if (word !== undefined) {
    if (expected === "name" || expected === "name or }") return ":";
    return isValue ? after() : undefined;
  }
  if (mark === ":") return expected === ":" ? "value" : undefined;
  if (mark === "{" || mark === "[") {
    if (!isValue) return undefined;
    open.push(mark);
    return mark === "{" ? "name or }" : "value or ]";
  }
  const last = open.at(-1);
  if (mark === ",") {
    if (expected !== "next") return undefined;
    return last === "{" ? "name" : "value";
  }
  const closes = last === "{" ? "}" : "]";
  if (mark !== closes || (expected !== "next" && !expected.endsWith(` or ${closes}`)))
    return undefined;
  open.pop();
  return after();
}

/** Of the first character that is not white space. */
function renderPosition(text: string, from: number): string {
  const at = from + (/^[ \t\r\n]*/.exec(text.slice(from))?.[0].length ?? 0);
  const lines = text.slice(0, at).split("\n");
  return `line ${lines.length} column ${(lines.at(-1) ?? "").length + 1}`;
}
