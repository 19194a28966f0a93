import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { VALIDATION_GROUPS } from "../../../components/validation/groups";
import { renderChecks } from "../../../scripts/kit/run-checks";
import { reportSchema } from "../../../scripts/kit/validation-report";
import { addAsked } from "../../../scripts/verbs/validate/add-check";
import { OperationsLab } from "../operations/lab";

const CHECKS = join(__dirname, "../../../components/validation/files/checks");

const good = { group: "time", name: "clocks", status: "pass", expected: "kept", advice: "" };
const PASS = { ...good, found: "3 machines" };
const FAIL = {
  ...{ group: "time", name: "clocks", status: "fail", expected: "less than 1 s off" },
  ...{ found: "hazel is -2.000 s off", advice: "chronyc tracking" },
};
const BLIND = { ...FAIL, status: "error", found: "node-exporter: no answer" };

function report(status: string, ...checks: (typeof PASS)[]): string {
  const count = (wanted: string): number => checks.filter((c) => c.status === wanted).length;
  const counts = { pass: count("pass"), fail: count("fail"), error: count("error") };
  return JSON.stringify({ status, counts, checks });
}

describe("vmstation validate", () => {
  let lab: OperationsLab;
  beforeEach(() => {
    lab = new OperationsLab();
  });
  afterEach(() => {
    lab.remove();
  });

  const say = (text: string, code: number): void => {
    lab.answer("maple", `echo 'looked at 1 of 2' >&2; echo '${text}'; exit ${code}`);
  };

  it("knows the groups of the checks", () => {
    const files = readdirSync(CHECKS).filter((name) => /^check_.*\.py$/.test(name));
    assert.deepEqual(VALIDATION_GROUPS.map((group) => `check_${group}.py`).sort(), files.sort());
  });

  it("asks the control plane alone, for the groups that were named", async () => {
    say(report("pass", PASS), 0);
    const { code, stdout, stderr } = await lab.run("validate", "time", "pods", "time");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(
      stdout,
      "pass   time: clocks: 3 machines\n1 pass, 0 fail, 0 could not be checked\n",
    );
    assert.deepEqual(lab.sessions(), ["maple sudo -n sh -eus"]);
    assert.equal(lab.read("maple/asked"), renderChecks(["time", "pods"], 0));
  });

  it("says what was found, what was expected and what to do, and ends with 1", async () => {
    say(report("fail", PASS, FAIL), 1);
    const { code, stdout } = await lab.run("validate", "all", "time", "--failures");
    assert.equal(code, 1);
    assert.equal(
      stdout,
      "fail   time: clocks: hazel is -2.000 s off\n" +
        "       expected: less than 1 s off\n" +
        "       to do: chronyc tracking\n" +
        "1 pass, 1 fail, 0 could not be checked\n",
    );
    assert.match(lab.read("maple/asked"), /vmstation-validate 'all' '--json'/);
  });

  it("ends with 2 where something could not be checked, and writes one JSON document", async () => {
    say(report("error", BLIND), 2);
    const { code, stdout } = await lab.run("validate", "--json");
    assert.equal(code, 2);
    assert.deepEqual(JSON.parse(stdout), {
      ...{ version: 1, stack: "homelab", status: "error", checks: [BLIND] },
      counts: { pass: 0, fail: 0, error: 1 },
    });
  });

  it("takes a time to wait, as people write it", async () => {
    say(report("pass", PASS), 0);
    await lab.run("validate", "--wait", "2m");
    assert.match(lab.read("maple/asked"), /'--wait' '120' <\/dev\/null\n$/);
    const { code, stderr } = await lab.run("validate", "--wait", "soon");
    assert.equal(code, 2);
    assert.match(stderr, /'soon' is invalid\. It must be a duration, such as 90s, 5m or 3h\./);
  });

  it("asks from here one after the other, as runs of the CLI would write the same file", async () => {
    const before = reportSchema.parse(JSON.parse(report("pass", PASS)));
    let running = 0;
    const ask = async (): Promise<typeof before.checks> => {
      running += 1;
      assert.equal(running, 1);
      await Promise.resolve();
      running -= 1;
      return before.checks;
    };
    const after = await addAsked(before, [ask, () => Promise.resolve(undefined), ask]);
    assert.deepEqual([after.checks.length, after.counts.pass], [3, 3]);
  });

  it("refuses a group that there is not, before it asks anybody", async () => {
    const { code, stderr } = await lab.run("validate", "certificate");
    assert.equal(code, 2);
    assert.match(
      stderr,
      /'certificate' is invalid .* Allowed choices are .*certificates, time, all/,
    );
    assert.deepEqual(lab.sessions(), []);
  });

  const failures: readonly (readonly [what: string, prepare: () => void, said: RegExp])[] = [
    [
      "without the checks there",
      () => {
        lab.answer("maple", "exit 127");
      },
      /not installed on maple yet\. Run: npx vmstation -C \S+ up --stack homelab\n$/,
    ],
    [
      "where it does not answer",
      () => {
        lab.silence("maple");
      },
      /^maple: unreachable: no answer:\n[^]*to do: check its power/,
    ],
    [
      "where sudo asks for a password",
      () => {
        lab.answer("maple", "echo 'sudo: a password is required' >&2; exit 1");
      },
      /^maple: could not be checked: no root shell for robin/,
    ],
    [
      "where there is no report",
      () => {
        lab.answer("maple", "echo 'looked at 1 of 2' >&2; echo 'no disk space' >&2; exit 3");
      },
      /^The checks on maple gave no report \(code 3\): no disk space\n$/,
    ],
  ];
  for (const [what, prepare, said] of failures) {
    it(`could not run ${what}, and ends with 2`, async () => {
      prepare();
      const { code, stdout, stderr } = await lab.run("validate");
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, said);
    });
  }
});
