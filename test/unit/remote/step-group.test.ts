import assert from "node:assert/strict";
import * as fs from "node:fs";
import type { Step, StepGroup } from "../../../components/remote/step";
import { Sandbox } from "../../support/sandbox";

for (const shell of ["sh", "bash"])
  describe(`steps that one resource does, under ${shell}`, () => {
    let box: Sandbox;
    beforeEach(() => {
      box = new Sandbox(shell);
    });
    afterEach(() => {
      box.remove();
    });

    /** Brings a file of its name, and says when. */
    function step(name: string, more = ":"): Step {
      return {
        ...{ name, libraries: ["files"], files: [box.file(name, `${name}\n`)] },
        script: `step() { echo "$VERB $STEP"; ensure_files; ${more}; }`,
      };
    }

    const group = (...steps: Step[]): StepGroup => ({ name: "group", steps });
    const states = (): boolean[] => ["a", "b", "c"].map((name) => box.exists(name));
    const NO_LOOK = `! checking || fail "cannot look" "look yourself"`;

    it("are done in order, and taken away in the opposite one", () => {
      const three = group(step("a"), step("b"), step("c"));
      const applied = box.run(three, "apply");
      assert.equal(applied.code, 0, applied.stderr);
      assert.equal(applied.stdout, "apply a\napply b\napply c\n");
      assert.equal(box.run(three, "remove").stdout, "remove c\nremove b\nremove a\n");
      assert.deepEqual(states(), [false, false, false]);
    });

    it("know nothing of each other's functions, variables and settings", () => {
      const curious = 'echo "${SECRET:-none} ${left:-none} $(command -v helper || echo none)"';
      const first: Step = {
        ...{ name: "first", libraries: [], settings: { SECRET: "x" } },
        script: `helper() { :; }\nstep() { left=over; ${curious}; }`,
      };
      const second: Step = { name: "second", libraries: [], script: `step() { ${curious}; }` };
      assert.equal(
        box.run(group(first, second), "apply").stdout,
        "x over helper\nnone none none\n",
      );
    });

    it("keep the names under which they stand on the machine when they are grouped otherwise", () => {
      for (const each of [step("a"), step("b")]) box.run(each, "apply");
      const again = box.run(group(step("a"), step("b")), "apply");
      assert.doesNotMatch(again.stderr, /changing/);
      box.run(group(step("b")), "remove");
      assert.deepEqual(states(), [true, false, false]);
    });

    it("stay where another resource has taken them over since, no matter who is removed", () => {
      box.run(step("a"), "apply");
      box.run(group(step("a"), step("b")), "apply");
      const removed = box.run(step("a"), "remove");
      assert.equal(removed.code, 0);
      assert.equal(removed.stderr, "a: belongs to group of sandbox by now and stays\n");
      assert.deepEqual(states(), [true, true, false]);
      assert.equal(box.run(group(step("a"), step("b")), "check").code, 0);
      box.run(group(step("a"), step("b")), "remove");
      assert.deepEqual(states(), [false, false, false]);
      assert.deepEqual(box.list("state/owners"), []);
    });

    it("stay where the machine has another name by now", () => {
      box.run(step("a"), "apply");
      box.run(step("a"), "apply", "renamed");
      assert.match(box.run(step("a"), "remove").stderr, /^a: belongs to a of renamed /);
      assert.equal(box.run(step("a"), "remove", "renamed").code, 0);
      assert.deepEqual(states(), [false, false, false]);
    });

    it("keep a file that another step has put there too, until that step is removed", () => {
      box.write("shared", "the user's\n");
      const holder = (name: string, content: string): Step => ({
        ...{ name, libraries: ["files"], files: [box.file("shared", content)] },
        script: "step() { ensure_files; }",
      });
      box.run(holder("controller", "1\n"), "apply");
      box.run(holder("agent", "2\n"), "apply");
      const removed = box.run(holder("controller", "1\n"), "remove");
      assert.match(removed.stderr, /^controller: \S+\/shared belongs to agent as well and stays$/m);
      assert.equal(box.read("shared"), "2\n");
      assert.equal(box.run(holder("agent", "2\n"), "check").code, 0);
      box.run(holder("agent", "2\n"), "remove");
      assert.equal(box.read("shared"), "the user's\n");
    });

    it("go with the old resource where the one that was to take them over has failed", () => {
      const two = group(step("a"), step("b"));
      box.run(two, "apply");
      assert.equal(box.run(group(step("a"), step("b", "exit 9")), "apply", "renamed").code, 9);
      assert.equal(box.run(two, "remove").stderr.includes("stays"), false);
      assert.deepEqual(states(), [false, false, false]);
    });

    it("are removed if no step claims them: those of earlier versions, and after an interrupted claim", () => {
      for (const claim of [undefined, ""]) {
        box.run(step("a"), "apply");
        fs.rmSync(box.at("state/owners/a"));
        if (claim !== undefined) box.write("state/owners/a", claim);
        box.run(step("a"), "remove", "renamed");
        assert.deepEqual(states(), [false, false, false]);
      }
    });

    it("end with the one that fails, which is named; what came before it stays", () => {
      const fails = step("b", `fail "no room" "make some"`);
      const { code, stderr } = box.run(group(step("a"), fails, step("c")), "apply");
      assert.equal(code, 1);
      assert.match(stderr, /^vmstation: sandbox: b: no room\n {2}to do: make some$/m);
      assert.doesNotMatch(stderr, /stopped with code/);
      assert.deepEqual(states(), [true, true, false]);
      const stopped = box.run(group(step("a"), step("b", "(exit 7)"), step("c")), "apply");
      assert.equal(stopped.code, 7);
      assert.match(stopped.stderr, /^vmstation: sandbox: b: stopped with code 7/m);
    });

    it("go on after one that the others do not need, and fail with its name", () => {
      const fails = step("b", `fail "no room" "make some"`);
      const three = { ...group(step("a"), fails, step("c")), independent: ["a", "b"] };
      const { code, stderr } = box.run(three, "apply");
      assert.equal(code, 1);
      assert.match(stderr, /^vmstation: sandbox: b: no room\n {2}to do: make some$/m);
      assert.deepEqual(states(), [true, true, true]);
      assert.ok(!box.exists("state/owners/a"));
      const needed = { ...three, independent: ["a"] };
      box.run(group(step("a"), step("b"), step("c")), "remove");
      assert.equal(box.run(needed, "apply").code, 1);
      assert.deepEqual(states(), [true, true, false]);
    });

    it("end at once where they are told to, no matter who needs whom", () => {
      const three = { ...group(step("a", "exit 130"), step("b"), step("c")), independent: ["a"] };
      assert.equal(box.run(three, "apply").code, 130);
      assert.deepEqual(states(), [true, false, false]);
    });

    it("do all their attempts, and fail with those that failed", () => {
      const tries = `attempt one; attempt two; attempt three; end_attempts; }
        one() { echo one; }; two() { fail "no two" "make one"; }; three() { echo three`;
      const { code, stdout, stderr } = box.run(group(step("a", tries), step("b")), "apply");
      assert.deepEqual([code, stdout], [1, "apply a\none\nthree\n"]);
      assert.match(stderr, /^vmstation: sandbox: a: no two\n {2}to do: make one$/m);
      assert.doesNotMatch(stderr, /stopped with code/);
    });

    it("are all looked at, also after one that drifted and one that could not look", () => {
      const three = group(step("a"), step("b"), step("c"));
      box.run(three, "apply");
      assert.equal(box.run(three, "check").code, 0);
      box.write("a", "edited\n");
      box.write("c", "edited\n");
      const drifted = box.run(three, "check");
      assert.equal(drifted.code, 3);
      assert.match(drifted.stdout, /\/a\tcontent differs[^]*\/c\tcontent differs/);
      const blind = box.run(group(step("a"), step("b", NO_LOOK), step("c")), "check");
      assert.equal(blind.code, 1);
      assert.match(blind.stdout, /\/a\tcontent differs[^]*\/c\tcontent differs/);
      assert.match(blind.stderr, /b: cannot look/);
    });

    it("say of each that could not look why, and are not taken for drifted alone", () => {
      // What a step's own program ends with may be what means drift.
      const failing = [step("a", NO_LOOK), step("b", "(exit 7)"), step("c", "(exit 3)")];
      const four = group(...failing, { ...step("d"), files: [] });
      const { code, stderr } = box.run(four, "check");
      assert.equal(code, 1);
      assert.match(
        stderr,
        /: a: cannot look\n[^]*: b: stopped with code 7,[^]*: c: stopped with code 3,/,
      );
      assert.equal(stderr.match(/^vmstation: /gm)?.length, 3);
      assert.deepEqual(box.list("run"), ["vmstation"]);
    });

    it("hold the machine's lock to the end, even if a step releases it and takes it again", () => {
      const longRunning = step("a", "flock -u 9; take_lock");
      const asks = step("b", "flock -n /run/vmstation/lock echo free || echo held");
      const { stdout } = box.run(group(longRunning, asks, asks), "apply");
      assert.equal(stdout, "apply a\napply b\nheld\napply b\nheld\n");
    });

    it("do nothing when they arrive only in part, and leave no folder behind", () => {
      const three = group(step("a"), step("b"), step("c"));
      for (const share of [0.3, 0.6, 0.9, 1]) box.runPart(three, share);
      assert.deepEqual(states(), [false, false, false]);
      box.run(three, "apply");
      assert.deepEqual(box.list("run"), ["vmstation"]);
    });
  });
