import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const SCRIPT = path.join(__dirname, "../../../components/node/files/firewall.sh");

/** Stands for nft, which says RULESET or cannot, and for what the step's libraries would do. */
const STAND_INS = `
nft() { [ -n "$RULESET" ] || { echo "no memory" >&2; return 1; }; printf '%s\\n' "$RULESET"; }
applying() { [ "$VERB" = apply ]; }
checking() { [ "$VERB" = check ]; }
drift() { printf 'drift: %s: %s\\n' "$2" "$3"; }
fail() { printf 'fail: %s\\n' "$1"; exit 1; }
mark_pending() { printf 'pending: %s\\n' "$2"; }
`;

const table = (name: string, policy: string): string =>
  `table inet ${name} {\n\tchain input {\n\t\ttype filter hook input priority filter; policy ${policy};\n\t}\n}`;

for (const shell of ["sh", "bash"]) {
  describe(`what the firewall's step sees of other tables, under ${shell}`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), "vmstation-firewall-"));
    after(() => {
      rmSync(folder, { recursive: true });
    });

    function run(verb: string, ruleset: string, call: string): string {
      const script = `${STAND_INS}\n. "${SCRIPT}"\n${call}`;
      const env = { ...process.env, VERB: verb, RULESET: ruleset, WORK: folder };
      return spawnSync(shell, ["-euc", script], { encoding: "utf8", env }).stdout;
    }

    const look = "read_ruleset || :; refuse_foreign_drops";

    it("refuses another table that drops input, and a check reports it; not its own table, nor one that accepts", () => {
      const ours = [table("vmstation", "drop"), table("other", "accept")].join("\n");
      assert.equal(run("apply", ours, look) + run("check", ours, look), "");
      const theirs = `${ours}\n${table("theirs", "drop")}`;
      const refused = "fail: another nftables table drops input too: inet theirs\n";
      assert.equal(run("apply", theirs, look), refused);
      assert.equal(run("check", theirs, look), "drift: inet theirs: another table drops input\n");
    });

    it("does not take rules that nft cannot list for an empty ruleset", () => {
      assert.equal(run("apply", "", look), "fail: nft cannot list the kernel's rules: no memory\n");
      const ensure = "ensure_rules_in_force";
      assert.equal(run("check", "", ensure), "drift: table inet vmstation: not loaded\n");
      assert.equal(run("apply", "", ensure), "pending: the firewall: loading the table\n");
    });
  });
}
