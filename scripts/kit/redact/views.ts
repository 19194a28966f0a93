/**
 * Text as it reads after an encoding is undone, with the place in the original that each character comes from: a secret
 * that is found in a view is taken out of the original, however it was written there.
 */
export interface View {
  readonly text: string;
  /** Of each character: where what stands for it begins and ends in the original. */
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** A character, and the part of the match that stands for it. */
type Decoded = readonly (readonly [char: string, from: number, to: number])[];

interface Decoder {
  readonly find: RegExp;
  readonly decode: (match: RegExpMatchArray) => Decoded;
}

export function viewOf(text: string): View {
  const from = Int32Array.from({ length: text.length }, (_, i) => i);
  return { text, from, to: from.map((i) => i + 1) };
}

/** The same view where there is nothing to decode. */
function apply(view: View, { find, decode }: Decoder): View {
  const pieces: string[] = [];
  const from = new Int32Array(view.text.length);
  const to = new Int32Array(view.text.length);
  let length = 0;
  let done = 0;
  const keep = (until: number): void => {
    pieces.push(view.text.slice(done, until));
    from.set(view.from.subarray(done, until), length);
    to.set(view.to.subarray(done, until), length);
    length += until - done;
  };
  for (const match of view.text.matchAll(find)) {
    keep(match.index);
    for (const [char, start, end] of decode(match)) {
      pieces.push(char);
      // A character beyond the first plane is two of a string's.
      from.fill(view.from[match.index + start] ?? 0, length, length + char.length);
      to.fill(view.to[match.index + end - 1] ?? 0, length, length + char.length);
      length += char.length;
    }
    done = match.index + match[0].length;
  }
  if (done === 0) return view;
  keep(view.text.length);
  return { text: pieces.join(""), from: from.subarray(0, length), to: to.subarray(0, length) };
}

const whole = (match: RegExpMatchArray, char: string): Decoded => [[char, 0, match[0].length]];

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** JSON, C, Python, bash's $'…', and a backslash before any character, as a shell takes it. */
const BACKSLASHES: Decoder = {
  find: /\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(.))/gi,
  decode: (match) => {
    const code = match[1] ?? match[2];
    const char = match[3] ?? "";
    return whole(
      match,
      code === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(parseInt(code, 16)),
    );
  },
};

/** %XX of UTF-8, in either case. */
const PERCENT: Decoder = {
  find: /(?:%[0-9a-f]{2})+/gi,
  decode: ([run]) => {
    const bytes = Buffer.from(run.replaceAll("%", ""), "hex");
    let at = 0;
    return Array.from(bytes.toString("utf8"), (char) => {
      const size = char === "\ufffd" ? 1 : Buffer.byteLength(char);
      const start = Math.min(at, bytes.length - 1);
      at += size;
      return [char, 3 * start, 3 * Math.min(at, bytes.length)] as const;
    });
  },
};

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", num: "#", excl: "!" },
  ...{ dollar: "$", percnt: "%", plus: "+", equals: "=", sol: "/", colon: ":", commat: "@" },
};

const HTML: Decoder = {
  find: /&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|(\w{2,6}));/gi,
  decode: (match) => {
    const code = match[1] === undefined ? parseInt(match[2] ?? "", 16) : Number(match[1]);
    const name = match[3]?.toLowerCase();
    return whole(
      match,
      name === undefined ? String.fromCodePoint(code) : (ENTITIES[name] ?? match[0]),
    );
  },
};

const one = (find: RegExp, char: string): Decoder => ({
  find,
  decode: (match) => (char === "" ? [] : whole(match, char)),
});

/** A form's space. */
const PLUS = one(/\+/g, " ");
/** A quote within a shell's single quotes. */
const SHELL = one(/'\\''|'"'"'/g, "'");
/** A quote within YAML's single quotes, and one within CSV's double quotes. */
const TWO_SINGLE = one(/''/g, "'");
const TWO_DOUBLE = one(/""/g, '"');
/** Lines that were wrapped, as base64 does at 76 characters and YAML at 80. */
const WRAPS = one(/\\?\r?\n[ \t]*/g, "");
const BREAKS = one(/\r?\n/g, "");
const FOLDS = one(/[ \t]*\r?\n[ \t]*/g, " ");
/** YAML's own way to go on in the next line without a space; a backslash that is escaped itself is none. */
const CONTINUED = one(/(?<=(?:^|[^\\])(?:\\\\)*)\\\r?\n[ \t]*/g, "");

export interface Reading {
  readonly view: View;
  /** Lines were put together. */
  readonly isJoined: boolean;
}

/** One encoding undone, or one within another; each only where it changes something. */
function* decoded(first: View): Generator<View> {
  yield first;
  for (const decoder of [BACKSLASHES, PERCENT, HTML]) {
    const outer = apply(first, decoder);
    if (outer !== first) {
      yield outer;
      yield* changed(outer, [BACKSLASHES, PERCENT, HTML]);
    }
    const spaced = apply(outer, PLUS);
    if (spaced !== outer) yield apply(spaced, PERCENT);
  }
  yield* changed(first, [SHELL, TWO_SINGLE, TWO_DOUBLE]);
}

function* changed(view: View, decoders: readonly Decoder[]): Generator<View> {
  for (const decoder of decoders) {
    const other = apply(view, decoder);
    if (other !== view) yield other;
  }
}

/** All ways to read a text, one at a time: each is as long as the text. */
export function* readings(text: string): Generator<Reading> {
  const first = viewOf(text);
  const joined = (view: View): Reading => ({ view, isJoined: true });
  for (const view of decoded(first)) {
    yield { view, isJoined: false };
    for (const other of changed(view, [WRAPS, BREAKS, FOLDS])) yield joined(other);
  }
  yield joined(apply(apply(apply(first, CONTINUED), FOLDS), BACKSLASHES));
}
