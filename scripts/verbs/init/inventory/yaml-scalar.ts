import { toInteger } from "./literal-number";
import { Opaque, type Value } from "./values";

/** YAML 1.1's types of plain words, as PyYAML has them: y and n are words, 1e3 too. */
const FORMS: Readonly<Record<string, RegExp>> = {
  bool: /^(?:yes|no|true|false|on|off|Yes|No|True|False|On|Off|YES|NO|TRUE|FALSE|ON|OFF)$/,
  float:
    /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.\d[\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  int: /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][\d_]*)|[-+]?0x[\da-fA-F_]+|[-+]?[1-9][\d_]*(?::[0-5]?\d)+)$/,
  null: /^(?:~|null|Null|NULL|)$/,
  timestamp:
    /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/,
};

/** The value of a word without quotation marks; undefined where Ansible would refuse it. */
export function resolvePlain(text: string, type = typeOfWord(text)): Value | undefined {
  switch (type) {
    case "bool":
      return /^(?:yes|true|on)$/i.test(text);
    case "float":
      return parseFloatWord(text);
    case "int":
      return parseIntWord(text);
    case "null":
      return null;
    case "timestamp":
      return parseTimestamp(text);
    case "str":
      return text;
    default:
      return undefined;
  }
}

function typeOfWord(text: string): string {
  // Signs of a merge and of a default value: keys only.
  if (text === "<<" || text === "=") return "key";
  return Object.entries(FORMS).find(([, form]) => form.test(text))?.[0] ?? "str";
}

function withoutSign(text: string): { sign: 1 | -1; digits: string } {
  const digits = text.replaceAll("_", "").toLowerCase();
  const sign = digits.startsWith("-") ? -1 : 1;
  return { sign, digits: digits.replace(/^[-+]/, "") };
}

/** 22:30 is 22 times 60 plus 30. */
function inSixties(digits: string): number {
  return digits.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

function parseFloatWord(text: string): number | undefined {
  const { sign, digits } = withoutSign(text);
  if (digits === ".inf") return sign * Number.POSITIVE_INFINITY;
  if (digits === ".nan") return Number.NaN;
  const value = digits.includes(":") ? inSixties(digits) : Number(digits === "" ? "x" : digits);
  return Number.isNaN(value) ? undefined : sign * value;
}

function parseIntWord(text: string): number | bigint | undefined {
  const { sign, digits } = withoutSign(text);
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  if (digits.includes(":")) return sign * inSixties(digits);
  if (!/^(?:0b[01]+|0o[0-7]+|0x[\da-f]+|\d+)$/.test(octal)) return undefined;
  const value = toInteger(octal);
  return sign < 0 ? -value : value;
}

function parseTimestamp(text: string): Value | undefined {
  if (text.length > 10) return new Opaque("a time");
  const date = new Date(`${text}T00:00:00Z`);
  const isDate = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  return isDate ? new Opaque("a date") : undefined;
}
