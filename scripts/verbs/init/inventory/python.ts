/** The parts of Python's text handling that decide how Ansible reads an inventory. */

/** What \s means there: not the byte-order mark, but the information separators. */
const SPACE =
  "\\t\\n\\v\\f\\r\\x1c-\\x1f \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const ENDS = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "g");
const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/** Inside of a regular expression's brackets: white space, and what is none. */
export const SPACES = SPACE;

/** str.strip(). */
export function strip(text: string): string {
  return text.replace(ENDS, "");
}

/** str.splitlines(): an end of line at the very end makes no further line. */
export function splitLines(text: string): string[] {
  const lines = text.split(LINE_END);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/** int(text), or undefined where Python would refuse it. */
export function parseInteger(text: string): number | undefined {
  const word = strip(text);
  return /^[-+]?\d+(_\d+)*$/.test(word) ? Number(word.replaceAll("_", "")) : undefined;
}

/** text.split(separator, 1). */
export function splitOnce(text: string, separator: string): [string, string] | undefined {
  const at = text.indexOf(separator);
  return at < 0 ? undefined : [text.slice(0, at), text.slice(at + separator.length)];
}

/** The order of sorted(). */
export function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
