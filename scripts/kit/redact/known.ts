import { Needles, type Needle } from "./needles";
import { readings, type View } from "./views";

/** A shorter one would take words out of every sentence. */
const SHORTEST = 4;
/** From this length on a secret is found inside of other text, and over the ends of lines. */
const LONG = 8;

type Range = readonly [from: number, to: number];

/** Its bytes in hexadecimal, in either case. */
function listHex(text: string): string[] {
  const hex = Buffer.from(text).toString("hex");
  return [...new Set([hex, hex.toUpperCase()])];
}

/**
 * What base64 makes of it at the three places where it may begin, without the characters that what stands around it has
 * a part in; of both alphabets.
 */
function listBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  const cores = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const end = Math.floor(((before + bytes.length) * 8) / 6);
    return encoded.slice(Math.ceil((before * 8) / 6), end);
  });
  const both = cores.flatMap((core) => [core, core.replaceAll("+", "-").replaceAll("/", "_")]);
  return [...new Set(both)].filter((core) => core.length >= LONG);
}

/** A secret as it is, and line by line where it has several. */
export function listTexts(secrets: readonly string[]): string[] {
  const texts = secrets.flatMap((secret) => {
    const lines = secret.split(/\r?\n/).map((line) => line.trim());
    return [secret, secret.trim(), ...lines.filter((line) => line.length >= LONG)];
  });
  const long = [...new Set(texts)].filter((text) => text.trim().length >= SHORTEST);
  // The longest first: a secret that contains another one is removed whole.
  return long.sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

/** Finds secrets that are known in text, in every common encoding. */
export class KnownSecrets {
  private readonly texts: readonly string[];
  /** Found in a line; those that are long also over the ends of lines. */
  private readonly plain: Needles;
  private readonly long: Needles;
  private readonly base64: Needles;

  constructor(secrets: readonly string[]) {
    this.texts = listTexts(secrets);
    const needles = (texts: readonly string[], asWord: boolean): Needle[] =>
      texts.map((text) => ({ text, asWord }));
    const isLong = (text: string): boolean => text.length >= LONG;
    const long = this.texts.filter(isLong).flatMap((text) => [text, ...listHex(text)]);
    const short = this.texts
      .filter((text) => !isLong(text))
      .flatMap((text) => [text, ...listHex(text), Buffer.from(text).toString("base64")]);
    this.plain = new Needles([...needles(long, false), ...needles(short, true)]);
    this.long = new Needles(needles(long, false));
    this.base64 = new Needles(needles(this.texts.flatMap(listBase64), false));
  }

  /** The text, each secret in it replaced. */
  redact(text: string, by: string): string {
    if (this.plain.isEmpty) return text;
    const ranges = this.findCut(text);
    for (const { view, isJoined } of readings(text)) {
      for (const [start, end] of (isJoined ? this.long : this.plain).find(view.text)) {
        ranges.push(toRange(view, start, end));
      }
      for (const [start, end] of this.base64.find(view.text)) {
        ranges.push(toRange(view, ...widen(view.text, start, end)));
      }
    }
    return replaceRanges(text, ranges, by);
  }

  /** The rest of a secret where the text begins within it, and its beginning where the text ends so. */
  private findCut(text: string): Range[] {
    return this.texts.flatMap((secret) => {
      const ranges: Range[] = [];
      for (let length = Math.min(secret.length - 1, text.length); length >= LONG; length--) {
        if (text.startsWith(secret.slice(-length))) ranges.push([0, length]);
        if (text.endsWith(secret.slice(0, length))) {
          ranges.push([text.length - length, text.length]);
        }
        if (ranges.length > 0) break;
      }
      return ranges;
    });
  }
}

function toRange({ from, to }: View, start: number, end: number): Range {
  return [from[start] ?? 0, to[end - 1] ?? 0];
}

/** With the characters before and after that hold a few bits of the secret. */
function widen(text: string, start: number, end: number): Range {
  const before = /[A-Za-z0-9+/_-]{0,2}$/.exec(text.slice(Math.max(0, start - 2), start));
  const after = /^[A-Za-z0-9+/_-]{0,2}={0,2}/.exec(text.slice(end, end + 4));
  return [start - (before?.[0].length ?? 0), end + (after?.[0].length ?? 0)];
}

function replaceRanges(text: string, ranges: readonly Range[], by: string): string {
  let done = 0;
  const pieces: string[] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    if (from >= done) pieces.push(text.slice(done, from), by);
    done = Math.max(done, to);
  }
  return [...pieces, text.slice(done)].join("");
}
