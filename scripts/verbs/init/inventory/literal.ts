import { UserError } from "../../../kit/user-error";
import { LiteralReader, NotLiteral } from "./literal-reader";
import { readNumber } from "./literal-number";
import { readStrings } from "./literal-string";
import { Opaque, type Value } from "./values";

/** A value while it is read: Python forbids some combinations that look harmless. */
interface Found {
  readonly value: Value;
  /** A number without a sign: only such a one may get a sign. */
  readonly isNumber?: boolean;
  readonly isComplex?: boolean;
  /** Whether it may be a key of a map, or in a set. */
  readonly isHashable: boolean;
  /** Of b"…", which is text where it stands alone. */
  readonly bytes?: string;
}

const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["True", true],
  ["False", false],
  ["None", null],
]);

const SET = new Opaque("a set, which has no order");
const COMPLEX = new Opaque("a complex number");

/**
 * An INI value as Ansible has it: what Python would read as a literal is that (22, 'text', [1, 2], None; a
 * comment may stand behind it), anything else is the text as it stands.
 */
export function parseLiteral(text: string): Value {
  const reader = new LiteralReader(text.replace(/^[ \t]+/, ""));
  try {
    const found = readTuple(reader);
    reader.expectEnd();
    if (reader.hasUnhashable) {
      throw new UserError(
        "Ansible accepts no list or map in braces here; put a template in quotes",
      );
    }
    return found.bytes ?? found.value;
  } catch (error) {
    if (error instanceof NotLiteral) return text;
    throw error;
  }
}

/** "1, 2" without brackets is a tuple. */
function readTuple(reader: LiteralReader): Found {
  const first = readItem(reader);
  if (!reader.take(",")) return first;
  const items = [first];
  while (!reader.isAtEnd()) {
    items.push(readItem(reader));
    if (!reader.take(",")) break;
  }
  return { value: items.map(({ value }) => value), isHashable: items.every((i) => i.isHashable) };
}

function readItem(reader: LiteralReader): Found {
  const sign = reader.take("-") ? -1 : reader.take("+") ? 1 : undefined;
  const found = readAtom(reader);
  const signed = sign === undefined ? found : withSign(found, sign);
  const joins = reader.take("+") || reader.take("-");
  if (!joins) return signed;
  // Of sums only that of a complex number is a literal.
  const imaginary = readAtom(reader);
  const isReal = typeof signed.value === "number" || typeof signed.value === "bigint";
  if (!isReal || imaginary.isComplex !== true) throw new NotLiteral();
  return { value: COMPLEX, isHashable: true };
}

function withSign(found: Found, sign: 1 | -1): Found {
  if (found.isNumber !== true) throw new NotLiteral();
  return { value: sign < 0 ? negate(found.value) : found.value, isHashable: true };
}

/** Python has no negative zero among its integers. */
function negate(value: Value): Value {
  if (typeof value === "bigint") return -value;
  return typeof value === "number" && value !== 0 ? -value : value;
}

function readAtom(reader: LiteralReader): Found {
  if (reader.take("(")) return readParenthesis(reader);
  if (reader.take("[")) {
    return { value: readItems(reader, "]").map(({ value }) => value), isHashable: false };
  }
  if (reader.take("{")) return readBraces(reader);
  const strings = readStrings(reader);
  if (strings !== undefined) {
    const value = strings.isBytes ? new Opaque("a string of bytes") : strings.text;
    return { value, isHashable: true, ...(strings.isBytes ? { bytes: strings.text } : {}) };
  }
  const number = readNumber(reader);
  if (number !== undefined) {
    const isComplex = number === "complex";
    return { value: isComplex ? COMPLEX : number, isNumber: true, isComplex, isHashable: true };
  }
  return readWord(reader);
}

function readWord(reader: LiteralReader): Found {
  if (reader.take("...")) return { value: new Opaque("an ellipsis"), isHashable: true };
  const word = reader.match(/[\p{L}_][\p{L}\p{N}_]*/uy)?.[0];
  const value = WORDS.get(word ?? "");
  if (value !== undefined) return { value, isHashable: true };
  if (word === "set" && reader.take("(") && reader.take(")")) {
    return { value: SET, isHashable: false };
  }
  throw new NotLiteral();
}

function readParenthesis(reader: LiteralReader): Found {
  if (reader.take(")")) return { value: [], isHashable: true };
  const first = readItem(reader);
  if (reader.take(")")) return first;
  if (!reader.take(",")) throw new NotLiteral();
  const items = [first, ...readItems(reader, ")")];
  return { value: items.map(({ value }) => value), isHashable: items.every((i) => i.isHashable) };
}

/** Up to the closing bracket, which may have a comma before it. */
function readItems(reader: LiteralReader, end: string): Found[] {
  const items: Found[] = [];
  while (!reader.take(end)) {
    items.push(readItem(reader));
    if (reader.take(",")) continue;
    if (!reader.take(end)) throw new NotLiteral();
    break;
  }
  return items;
}

function readBraces(reader: LiteralReader): Found {
  if (reader.take("}")) return { value: new Map(), isHashable: false };
  const first = readItem(reader);
  if (!reader.take(":")) {
    const more = reader.take(",") ? readItems(reader, "}") : closed(reader);
    reader.hasUnhashable ||= [first, ...more].some((item) => !item.isHashable);
    return { value: SET, isHashable: false };
  }
  const entries: [Found, Found][] = [[first, readItem(reader)]];
  while (!reader.take("}")) {
    if (!reader.take(",")) throw new NotLiteral();
    if (reader.take("}")) break;
    const key = readItem(reader);
    if (!reader.take(":")) throw new NotLiteral();
    entries.push([key, readItem(reader)]);
  }
  reader.hasUnhashable ||= entries.some(([key]) => !key.isHashable);
  const pairs = entries.map(([key, { value }]) => [key.value, value] as const);
  return { value: new Map<Value, Value>(pairs), isHashable: false };
}

function closed(reader: LiteralReader): Found[] {
  if (!reader.take("}")) throw new NotLiteral();
  return [];
}
