import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { z } from "zod";
import { parseResolvConf } from "../../../../scripts/verbs/init/resolv-conf";
import { askInNamespace, cannotAsk, countCases, SEED } from "./in-namespace";

const CASES = countCases(150);

const ASK = `
: >"$CASES/own"
mount --bind "$CASES/own" /etc/resolv.conf
python3 -B '${join(__dirname, "read_resolv.py")}' "$CASES" "$COUNT"
`;

const address = fc.oneof(
  { weight: 6, arbitrary: fc.ipV4() },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[
        "127.0.0.53",
        "169.254.25.10",
        "010.0.0.1",
        "0x7f.1",
        "1.2.3",
        "8.8",
        "256.1.1.1",
        "08.1.1.1",
      ],
      ...[
        "fe80::1",
        "fe80::1%lo",
        "::1",
        "fd00::zz",
        "1.1.1.1x",
        "dns.lan",
        "4294967295",
        "0x",
        "0",
      ],
      ...[
        "1.2.3.4.5",
        "1..2",
        "1.2.3.4#",
        "1.2.3.256",
        "1.65536",
        "::ffff:1.2.3.4",
        "fe80::1%nosuch",
      ],
    ),
  },
);
const line = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          "nameserver",
          "nameserver",
          "nameserver",
          " nameserver",
          "Nameserver",
          "nameservers",
        ),
        fc.constantFrom(" ", " ", "\t", "   ", ""),
        address,
        fc.constantFrom("", "", "", " # said", " 9.9.9.9", "\t", "\r"),
      )
      .map((parts) => parts.join("")),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "# nothing",
      "; nameserver 1.1.1.1",
      "search lan",
      "options ndots:2",
      "",
    ),
  },
);
const text = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom("\n", ""))
  .map(([lines, end]) => `${lines.join("\n")}${end}`);

describe("resolv.conf, as glibc reads it", function () {
  this.timeout(300_000);
  before(function () {
    const reason = cannotAsk("python3");
    if (reason === undefined) return;
    console.log(`    skipped: ${reason}`);
    this.skip();
  });

  it(`has the same servers (seed ${SEED}, ${CASES} cases)`, () => {
    const cases = fc.sample(text, { numRuns: CASES, seed: SEED });
    const answers = askInNamespace(ASK, cases).trim().split("\n");
    assert.equal(answers.length, cases.length);
    for (const [index, answer] of answers.entries()) {
      const written = cases[index] ?? "";
      const ours = parseResolvConf(written.split("\n"));
      const theirs = z.array(z.string()).parse(JSON.parse(answer));
      // Without any glibc asks this machine.
      const isNone = ours.length === 0 && !theirs.some((server) => server !== "127.0.0.1");
      if (!isNone) assert.deepEqual(ours, theirs, JSON.stringify(written));
    }
  });
});
