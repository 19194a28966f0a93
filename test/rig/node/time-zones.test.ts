import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import * as fc from "fast-check";
import { isTimeZone } from "../../../components/remote/time-zones";
import { generate } from "../../support/cases";
import type { Machine } from "../machine";
import { HOMELAB } from "../machine-spec";
import { useRig } from "../use-rig";

const FILES = path.join(__dirname, "../../../components");
const IDENTITY = readFileSync(path.join(FILES, "node/files/identity.sh"), "utf8");

/**
 * Sets each zone that standard input names, one after the other, by the step's own function, and says of each, in a
 * line: what timedatectl shows now, the rules that are in force, what a look finds, and whether a second run changes.
 */
const SET_EACH = `
say() { :; }
mark_pending() { changed=changed; }
drift() { found="$3"; }
fail() { echo "refused: $1"; exit 9; }
${IDENTITY}
while read -r zone; do
  VERB=apply changed=
  if ! said=$(ensure_time_zone "$zone" && echo ok); then echo "$zone|$said"; continue; fi
  shown=$(timedatectl show --property=Timezone --value)
  rules=$(cmp -s "/usr/share/zoneinfo/$zone" /etc/localtime && echo right || echo wrong)
  VERB=check found=
  ensure_time_zone "$zone"
  VERB=apply changed=
  ensure_time_zone "$zone"
  echo "$zone|$shown|$rules|$found|$changed"
done`;

describe("a machine's time zone, set by a real timedatectl", () => {
  const getRig = useRig({ machines: HOMELAB.slice(0, 1) });
  let machine: Machine;
  let known: string[];

  before(async () => {
    const [first] = getRig().machines;
    assert.ok(first);
    machine = first;
    const { stdout } = await machine.exec("timedatectl list-timezones --no-pager");
    // "Factory" says that no zone has been chosen, and nobody may choose it.
    known = stdout
      .trim()
      .split("\n")
      .filter((name) => name !== "Factory");
  });

  it("may be any that the configuration takes, and no other is known", () => {
    assert.ok(known.length > 300, `${known.length} zones`);
    assert.deepEqual(
      known.filter((name) => !isTimeZone(name)),
      [],
    );
  });

  it("is what timedatectl then shows, with that zone's rules; a look finds it right, a second run changes nothing", async () => {
    const { cases, seed } = generate(fc.constantFrom(...known), 150);
    const input = cases.map((zone) => `${zone}\n`).join("");
    const { stdout } = await machine.exec(SET_EACH, { input });
    const wrong = stdout
      .trim()
      .split("\n")
      .filter((line) => {
        const [zone = "", shown = "", rules, found, changed] = line.split("|");
        return !isTimeZone(shown) || rules !== "right" || found !== "" || changed !== "" || !zone;
      });
    assert.equal(stdout.trim().split("\n").length, cases.length, `seed ${seed}: ${stdout}`);
    assert.deepEqual(wrong, [], `seed ${seed}`);
  });

  it("is refused by timedatectl as by the configuration where there is none of that name", async () => {
    const input = "Berlin\nNowhere/Land\neurope/berlin\n../../etc/passwd\n";
    for (const name of input.trim().split("\n")) assert.equal(isTimeZone(name), false, name);
    const { stdout } = await machine.exec(SET_EACH, { input });
    assert.equal(
      stdout,
      input
        .trim()
        .replaceAll(/^(.*)$/gm, "$1|refused: no time zone $1")
        .concat("\n"),
    );
  });
});
