import { type LiteralReader, NotLiteral } from "./literal-reader";

const DIGITS = String.raw`\d(?:_?\d)*`;
const EXPONENT = `[eE][-+]?${DIGITS}`;
const FLOAT = `(?:(?:${DIGITS})?\\.${DIGITS}|${DIGITS}\\.)(?:${EXPONENT})?|${DIGITS}${EXPONENT}`;

const FORMS = {
  complex: new RegExp(`(?:${FLOAT}|${DIGITS})[jJ]`, "y"),
  float: new RegExp(FLOAT, "y"),
  based: /0(?:[xX](?:_?[\da-fA-F])+|[bB](?:_?[01])+|[oO](?:_?[0-7])+)/y,
  // A leading zero is refused, unless all digits are zeros.
  integer: /0(?:_?0)*|[1-9](?:_?\d)*/y,
};

/** A number as Python writes it, without its sign; "complex" stands for one with a j. */
export function readNumber(reader: LiteralReader): number | bigint | "complex" | undefined {
  const found = readForm(reader);
  // "1a" and "0123" are neither numbers nor other literals.
  if (found !== undefined && reader.matchHere(/[\p{L}\p{N}_]/uy)) throw new NotLiteral();
  return found;
}

function readForm(reader: LiteralReader): number | bigint | "complex" | undefined {
  if (reader.match(FORMS.complex)) return "complex";
  const float = reader.match(FORMS.float)?.[0];
  if (float !== undefined) return Number(float.replaceAll("_", ""));
  const integer = reader.match(FORMS.based)?.[0] ?? reader.match(FORMS.integer)?.[0];
  return integer === undefined ? undefined : toInteger(integer.replaceAll("_", ""));
}

/** Exact, however long it is. */
export function toInteger(digits: string): number | bigint {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}
