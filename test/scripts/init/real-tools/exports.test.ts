import assert from "node:assert/strict";
import fc from "fast-check";
import { parseExports } from "../../../../scripts/verbs/init/exports-file";
import { askInNamespace, cannotAsk, countCases, SEED } from "./in-namespace";

const CASES = countCases(100);

/** exportfs reads the case as /etc/exports, and writes what it has understood. */
const ASK = `
mount -t tmpfs none /var/lib/nfs
mkdir -p "$CASES/none"
mount --bind "$CASES/none" /etc/exports.d 2>/dev/null || true
[ -e /etc/exports ] || exit 1
index=0
while [ "$index" -lt "$COUNT" ]; do
  mount --bind "$CASES/$index" /etc/exports
  : >/var/lib/nfs/etab
  : >/var/lib/nfs/rmtab
  exportfs -r 2>/dev/null || true
  umount /etc/exports
  echo "case $index"
  cat /var/lib/nfs/etab
  index=$((index + 1))
done
`;

const folder = fc.constantFrom("/srv/media", "/srv/a\\040b", '"/srv/a b"', "/srv", "/mnt/data-1");
const client = fc.constantFrom(
  ...["192.168.1.20", "192.168.1.0/24", "10.1.0.0/255.255.0.0", "*", "*.lan", "@trusted", ""],
);
const options = fc.constantFrom(
  ...["(rw)", "(ro)", "", "(rw,sync,no_root_squash)", "(ro,rw)", "(rw,ro)", "(sync)", "()"],
  ...["(rw,sec=sys:krb5,anonuid=1000)", "(async,crossmnt,insecure)"],
);
const mistake = fc.constantFrom(
  "10.0.0.9(rw",
  "10.0.0.9(odd)",
  "10.0.0.9(rw)(ro)",
  "10.0.0.9(rw)#x",
  "a(rw)\\x",
);
const word = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(client, options).map((parts) => parts.join("") || "*") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "-rw 10.0.0.7",
      "-ro,async 10.0.0.8",
      "-rw,no_root_squash *(ro)",
      "- *",
    ),
  },
  { weight: 1, arbitrary: fc.nat(5).chain((n) => (n === 0 ? mistake : fc.constant("10.0.0.6"))) },
);
const gap = fc.constantFrom(" ", " ", "\t", "   ", " \\\n  ", "\\\n ");
const line = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        before: fc.constantFrom("", "", " "),
        folder,
        words: fc.array(fc.tuple(gap, word), { minLength: 1, maxLength: 3 }),
        after: fc.constantFrom("", "", " ", " # said", " #x"),
      })
      .map(({ before, folder: path, words, after }) =>
        [before, path, ...words.flat(), after].join(""),
      ),
  },
  { weight: 1, arbitrary: fc.constantFrom("", "# nothing", "  # nothing \\", "\t") },
);
const text = fc
  .tuple(fc.array(line, { maxLength: 4 }), fc.constantFrom("\n", "\n", "\r\n"))
  .map(([lines, end]) =>
    lines.map((each) => `${each}${each.includes("\\") ? "\n" : end}`).join(""),
  );

/** FOLDER CLIENT rw|ro of each line that exportfs wrote. */
function readEtab(lines: readonly string[]): string[] {
  return lines
    .map((each) => {
      const [path = "", rest = ""] = each.split("\t");
      const [, who = "", said = ""] = /^([^(]*)\((.*)\)$/.exec(rest) ?? [];
      const mode = said.split(",").findLast((option) => option === "rw" || option === "ro");
      return `${path.replaceAll("\\040", " ")} ${who === "" ? "*" : who} ${mode ?? ""}`;
    })
    .sort();
}

describe("/etc/exports, as the real exportfs reads it", function () {
  this.timeout(300_000);
  before(function () {
    const reason = cannotAsk("exportfs");
    if (reason === undefined) return;
    console.log(`    skipped: ${reason}`);
    this.skip();
  });

  it(`has the same folders, clients and rights (seed ${SEED}, ${CASES} cases)`, () => {
    const cases = fc.sample(text, { numRuns: CASES, seed: SEED });
    const answers = askInNamespace(ASK, cases)
      .split(/^case \d+\n/m)
      .slice(1);
    assert.equal(answers.length, cases.length);
    for (const [index, answer] of answers.entries()) {
      const written = cases[index] ?? "";
      const { exports: found } = parseExports(written.split("\n"));
      // Of a client that is there twice for a folder the first line holds.
      const firsts = new Map<string, boolean>();
      for (const { folder: path, client: who, isWritable } of found) {
        const key = `${path} ${who}`;
        if (!firsts.has(key)) firsts.set(key, isWritable);
      }
      const ours = [...firsts].map(([key, isWritable]) => `${key} ${isWritable ? "rw" : "ro"}`);
      assert.deepEqual(ours.sort(), readEtab(answer.split("\n").filter(Boolean)), written);
    }
  });
});
