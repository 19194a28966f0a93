import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import fc from "fast-check";
import { z } from "zod";
import { parseCpu, renderDuration, renderQuantity } from "../../../components/shared/units";
import { findMissing, toolPath } from "../../cluster/tools";
import { generate } from "../../support/cases";

const COMPONENTS = path.join(__dirname, "../../../components");
const FILES = ["remote/files", "bootstrap/files", "bootstrap/kubespray/files"]
  .map((folder) => path.join(COMPONENTS, folder))
  .join(":");

/** One line for each line of standard input: the quantity as a fraction's two parts, or null. */
const READ = `
import json, sys
from quantity import parse_quantity
for line in sys.stdin.read().splitlines():
    try:
        value = parse_quantity(line)
        print(json.dumps([str(value.numerator), str(value.denominator)]))
    except ValueError:
        print("null")
`;

const ours = z.tuple([z.string(), z.string()]).nullable();
const theirs = z.object({ exact: z.string(), milli: z.string(), whole: z.string() }).nullable();
type Ours = z.infer<typeof ours>;
type Theirs = z.infer<typeof theirs>;

function ask(program: string, args: readonly string[], lines: readonly string[]): unknown[] {
  const ran = spawnSync(program, args, {
    ...{ encoding: "utf8", input: lines.map((line) => `${line}\n`).join("") },
    ...{ maxBuffer: 2 ** 28, env: { PATH: process.env.PATH, PYTHONPATH: FILES } },
  });
  assert.equal(ran.stderr, "");
  const answers = ran.stdout.trimEnd().split("\n");
  assert.equal(answers.length, lines.length);
  return answers.map((line): unknown => JSON.parse(line));
}

/** What Kubernetes' or Go's own parser of that kind makes of the texts. */
function askReal(kind: string, texts: readonly string[]): unknown[] {
  const lines = texts.map((text) => `${kind} ${text}`);
  return ask(toolPath("parsers"), [], lines);
}

const readOurs = (texts: readonly string[]): Ours[] =>
  ask("python3", ["-B", "-c", READ], texts).map((each) => ours.parse(each));

/** Kubernetes reads no digits as 0, and any exponent. It writes neither, and we refuse both. */
const isOdd = (text: string): boolean =>
  !/^[+-]?\.?[0-9]/.test(text) || Math.abs(Number(/[eE]([+-]?\d+)$/.exec(text)?.[1] ?? 0)) > 64;

/** Whether a fraction is exactly the decimal number that is written out. */
function isSame(text: string, found: Ours, real: Theirs): boolean {
  if (found === null || real === null) return found === real || (found === null && isOdd(text));
  const [, sign = "", whole = "", decimals = ""] = /^(-?)(\d+)\.?(\d*)$/.exec(real.exact) ?? [];
  const exact = BigInt(`${sign}${whole}${decimals}`) * BigInt(found[1]);
  return exact === BigInt(found[0]) * 10n ** BigInt(decimals.length);
}

const SUFFIXES = [
  ...["", "", "n", "u", "m", "k", "M", "G", "T", "P", "E"],
  ...["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"],
];
const digits = (most: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from("0123456789")), maxLength: most });
const exponent = fc
  .tuple(fc.constantFrom("e", "E"), fc.constantFrom("", "+", "-"), fc.integer({ min: 0, max: 40 }))
  .map((parts) => parts.join(""));
const written = fc
  .tuple(
    ...[fc.constantFrom("", "", "", "-", "+"), digits(22)],
    ...[fc.constantFrom("", "", "."), digits(12)],
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...SUFFIXES) },
      { weight: 1, arbitrary: exponent },
    ),
  )
  .map((parts) => parts.join(""));
const nonsense = fc.string({
  unit: fc.constantFrom(...Array.from("0123456789.+-eEinumkKMGTPB x,")),
  maxLength: 9,
});
/** Mostly quantities; what begins or ends in a blank is no line of its own. */
const quantities = fc
  .oneof({ weight: 6, arbitrary: written }, { weight: 1, arbitrary: nonsense })
  .filter((text) => text !== "" && text.trim() === text);

describe("what is read from Kubernetes", () => {
  before(function () {
    if (findMissing(["parsers"]).length === 0) return;
    console.log("    skipped: `npm run test:cluster -- --build` builds Kubernetes' own parsers");
    this.skip();
  });

  it("is the quantity that Kubernetes' own parser reads, or refused by both", () => {
    const { cases, seed } = generate(quantities, 1500);
    const real = askReal("quantity", cases).map((each) => theirs.parse(each));
    const found = readOurs(cases);
    const wrong = cases.flatMap((text, i) =>
      isSame(text, found[i] ?? null, real[i] ?? null)
        ? []
        : [`${text}: ${JSON.stringify(found[i])}, not ${JSON.stringify(real[i])}`],
    );
    assert.deepEqual(wrong.slice(0, 10), [], `seed ${seed}`);
    assert.ok(real.filter((each) => each !== null).length > cases.length / 2, `seed ${seed}`);
  });

  it("is the version that Kubernetes' own parser reads", () => {
    const number = fc.integer({ min: 0, max: 99 }).map(String);
    const versions = fc
      .tuple(
        ...[fc.constantFrom("v", ""), fc.array(number, { minLength: 2, maxLength: 3 })],
        fc.constantFrom("", "", "+rke2r1", "-rc.1", "-alpha.0.12+abc", "+k3s1-dirty", "-eks-1a2b"),
      )
      .map(([prefix, numbers, rest]) => `${prefix}${numbers.join(".")}${rest}`);
    const { cases, seed } = generate(versions, 200);
    const code = `import json, sys; from refusals import numbers
for line in sys.stdin.read().splitlines(): print(json.dumps((numbers(line) + [0])[:3]))`;
    const found = ask("python3", ["-B", "-c", code], cases);
    askReal("version", cases).forEach((real, i) => {
      assert.deepEqual(found[i], real, `${cases[i] ?? ""}, seed ${seed}`);
    });
  });

  it("is what the program itself writes: quantities, CPUs and durations", () => {
    const { cases: bytes, seed } = generate(fc.integer({ min: 1, max: 2 ** 50 }), 200);
    const sizes = askReal("quantity", bytes.map(renderQuantity));
    const cpus = generate(
      fc.tuple(fc.integer({ min: 0, max: 9999 }), fc.constantFrom("", "m", ".5", ".125")),
      200,
    ).cases.map((parts) => parts.join(""));
    const cores = askReal("quantity", cpus);
    const seconds = bytes.map((number) => number % 10_000_000);
    const durations = askReal("duration", seconds.map(renderDuration));
    bytes.forEach((number, i) => {
      assert.equal(theirs.parse(sizes[i])?.whole, String(number), `seed ${seed}`);
    });
    cpus.forEach((text, i) => {
      const milli = Number(theirs.parse(cores[i])?.milli) / 1000;
      assert.equal(parseCpu(text) ?? 0, milli, `${text}, seed ${seed}`);
    });
    seconds.forEach((number, i) => {
      assert.equal(durations[i], number * 1e9, `seed ${seed}`);
    });
  });
});
