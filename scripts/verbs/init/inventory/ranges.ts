import { UserError } from "../../../kit/user-error";
import { parseInteger } from "./python";

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/**
 * The hosts that a pattern such as "node[01:12].lan" or "rack-[a:c]" stands for, as Ansible counts them: both
 * ends included, an optional step as a third number, leading zeros kept, [:3] from 0 on.
 */
export function expandRanges(pattern: string): string[] {
  if (!pattern.includes("[")) return [pattern];
  const parts = pattern.replace("[", "|").replace("]", "|").split("|");
  const [before, range, after, ...more] = parts;
  if (before === undefined || range === undefined || after === undefined || more.length > 0) {
    return refuse(pattern, "[FIRST:LAST] or [FIRST:LAST:STEP] is accepted");
  }
  return namesOf(pattern, range).flatMap((name) => expandRanges(`${before}${name}${after}`));
}

function namesOf(pattern: string, range: string): string[] {
  const [from = "", last, step = "1", ...more] = range.split(":");
  if (last === undefined || more.length > 0) {
    return refuse(pattern, "[FIRST:LAST] or [FIRST:LAST:STEP] is accepted");
  }
  if (last === "") return refuse(pattern, "a range needs its last value");
  const first = from === "" ? "0" : from;
  const width = first.startsWith("0") && first.length > 1 ? first.length : 0;
  if (width > 0 && last.length !== width) {
    return refuse(pattern, "with leading zeros both ends of a range are equally long");
  }
  const by = parseInteger(step);
  if (by === undefined || by === 0) return refuse(pattern, "a range's step is a number, not 0");
  const [start, end] = [LETTERS.indexOf(first), LETTERS.indexOf(last)];
  if (start >= 0 && end >= 0) {
    if (start > end) return refuse(pattern, "a range's first letter does not come after its last");
    return countLetters(start, end, by);
  }
  const [low, high] = [parseInteger(first), parseInteger(last)];
  if (low === undefined || high === undefined) {
    return refuse(pattern, "both ends of a range are numbers, or both are letters");
  }
  return count(low, high, by).map((n) => fill(n, width));
}

/** Both ends included; a negative step counts down to the number after the last one. */
function count(from: number, last: number, step: number): number[] {
  const length = Math.max(0, Math.ceil((last + 1 - from) / step));
  return Array.from({ length }, (_, i) => from + i * step);
}

/** A slice of the letters: with a negative step it is empty unless it begins after its end. */
function countLetters(from: number, last: number, step: number): string[] {
  return step < 0 ? [] : count(from, last, step).map((i) => LETTERS.charAt(i));
}

function fill(value: number, width: number): string {
  const digits = String(Math.abs(value));
  return value < 0 ? `-${digits.padStart(width - 1, "0")}` : digits.padStart(width, "0");
}

function refuse(pattern: string, what: string): never {
  throw new UserError(`${pattern}: ${what}`);
}
