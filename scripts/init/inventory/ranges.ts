const RANGE = /\[(?:(\d+):(\d+)|([a-zA-Z]):([a-zA-Z]))(?::(\d+))?\]/;

/**
 * The hosts that a pattern such as "node[01:12].lan" or "rack-[a:c]" stands for, as Ansible counts
 * them: both ends included, an optional step as a third number, leading zeros kept.
 */
export function expandRanges(pattern: string): string[] {
  const match = RANGE.exec(pattern);
  if (match === null) return [pattern];
  const [range, first, last, from, until, step] = match;
  const before = pattern.slice(0, match.index);
  const after = pattern.slice(match.index + range.length);
  const values =
    first === undefined
      ? count(codeOf(from), codeOf(until), Number(step ?? 1)).map((c) => String.fromCharCode(c))
      : count(Number(first), Number(last), Number(step ?? 1)).map((n) =>
          String(n).padStart(first.startsWith("0") ? first.length : 1, "0"),
        );
  return values.flatMap((value) => expandRanges(after).map((rest) => `${before}${value}${rest}`));
}

function codeOf(letter: string | undefined): number {
  return letter?.charCodeAt(0) ?? 0;
}

function count(from: number, until: number, step: number): number[] {
  const length = step < 1 ? 0 : Math.max(0, Math.floor((until - from) / step) + 1);
  return Array.from({ length }, (_, i) => from + i * step);
}
