import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as fc from "fast-check";
import type { Step } from "../../../components/remote/step";
import { anyText } from "../../support/any-text";
import { Sandbox } from "../../support/sandbox";
import { SYSTEMCTL } from "./systemctl";

const HANDLER = "handler() { echo reloaded; }";
const FILES = `step() { ensure_files; on_change files handler; }\n${HANDLER}`;

function unitsStep(step: string, files: Step["files"] = []): Step {
  const script = `step() { ${step}; }\n${SYSTEMCTL}`;
  return { name: "test", script, libraries: ["files", "units"], files };
}

function filesStep(files: Step["files"], settings: Step["settings"] = {}): Step {
  return { name: "test", script: FILES, libraries: ["files"], settings, files: files ?? [] };
}

for (const shell of ["sh", "bash"]) {
  describe(`a step's script under ${shell}`, () => {
    let box: Sandbox;
    beforeEach(() => {
      box = new Sandbox(shell);
    });
    afterEach(() => {
      box.remove();
    });

    it("brings any text byte for byte, as file and as setting, and never executes it", () => {
      const nasty = fc.oneof(
        anyText(),
        fc.string({
          unit: fc.constantFrom(
            "'",
            '"',
            "$(touch x)",
            "`",
            ";",
            "%s",
            "\n",
            "\\",
            "é",
            "END_OF_FILE\n",
            "\t",
          ),
        }),
      );
      const text = nasty.filter((s) => !s.includes("\0"));
      // Several at once: what takes time is to start the shell.
      const texts = fc.array(text, { minLength: 1, maxLength: 4 });
      fc.assert(
        fc.property(texts, (values) => {
          const names = values.map((_, index) => `VALUE_${String(index)}`);
          const show = names.map((name) => `"$${name}"`).join(" ");
          const files = values.map((value, index) => box.file(`out${String(index)}`, value));
          const step: Step = {
            name: "test",
            script: `step() { ensure_files; printf '%s\\0' ${show}; }`,
            libraries: ["files"],
            settings: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""])),
            files,
          };
          const ran = box.run(step, "apply");
          assert.equal(ran.code, 0, ran.stderr);
          const whole = values.map((value) => Buffer.from(value, "utf8"));
          assert.equal(ran.stdout, whole.map((bytes) => `${bytes.toString("utf8")}\0`).join(""));
          for (const [index, { path }] of files.entries())
            assert.deepEqual(fs.readFileSync(path), whole[index]);
          for (const { path } of files) fs.rmSync(path);
          assert.deepEqual(fs.readdirSync(box.root).sort(), ["run", "state"]);
        }),
        { numRuns: 8 },
      );
    });

    it("carries files that are longer than a program's argument may be", () => {
      // Linux: 128 KiB.
      const content = "x'$(false)é\n".repeat(20_000);
      assert.equal(box.run(filesStep([box.file("big", content)]), "apply").code, 0);
      assert.equal(box.read("big"), content);
    });

    it("changes nothing the second time, and runs what follows a change only after one", () => {
      const step = filesStep([box.file("etc/a.conf", "one\n"), box.file("etc/b.conf", "two\n")]);
      assert.equal(box.run(step, "apply").stdout, "reloaded\n");
      const before = fs.statSync(box.at("etc/a.conf"));
      assert.equal(box.run(step, "apply").stdout, "");
      const after = fs.statSync(box.at("etc/a.conf"));
      assert.deepEqual([after.ino, after.mtimeMs], [before.ino, before.mtimeMs]);
    });

    it("runs what follows a change also when an earlier run was cut before it", () => {
      const cut = {
        ...filesStep([box.file("a", "one\n")]),
        script: "step() { ensure_files; exit 9; }",
      };
      assert.equal(box.run(cut, "apply").code, 9);
      assert.equal(box.run(filesStep([box.file("a", "one\n")]), "apply").stdout, "reloaded\n");
    });

    it("sees a missing, an edited and a wrongly permitted file, and mends them", () => {
      const step = filesStep([
        box.file("a", "one\n"),
        box.file("b", "two\n"),
        box.file("c", "3\n"),
      ]);
      box.run(step, "apply");
      assert.equal(box.run(step, "check").code, 0);
      fs.rmSync(box.at("a"));
      fs.writeFileSync(box.at("b"), "zwei\n");
      fs.chmodSync(box.at("c"), 0o666);
      const seen = box.run(step, "check");
      assert.equal(seen.code, 3);
      assert.match(seen.stdout, /^drift\tfile\t\S+\/a\tmissing$/m);
      assert.match(seen.stdout, /^\t-two\n\t\+zwei$/m);
      assert.match(seen.stdout, /^drift\tfile\t\S+\/c\tmode and owner are 0666/m);
      assert.equal(box.exists("a"), false, "a check only looks");
      assert.equal(box.run(step, "apply").code, 0);
      assert.equal(box.run(step, "check").stdout, "");
    });

    it("never shows the content of a secret file", () => {
      const step = filesStep([box.file("key", "hunter2-old\n", { secret: true, mode: "0600" })]);
      box.run(step, "apply");
      fs.writeFileSync(box.at("key"), "hunter2-new\n");
      const seen = box.run(step, "check");
      assert.equal(seen.code, 3);
      assert.doesNotMatch(seen.stdout + seen.stderr, /hunter2/);
    });

    it("brings back on removal what was there before, and removes what was not", () => {
      fs.writeFileSync(box.at("theirs"), "the administrator's\n", { mode: 0o640 });
      const step = filesStep([box.file("theirs", "ours\n"), box.file("new", "ours\n")]);
      box.run(step, "apply");
      assert.equal(box.run(step, "remove").code, 0);
      assert.equal(box.read("theirs"), "the administrator's\n");
      assert.equal(fs.statSync(box.at("theirs")).mode & 0o777, 0o640);
      assert.equal(box.exists("new"), false);
    });

    it("takes away the folders that it made, and none that it found or that somebody uses", () => {
      fs.mkdirSync(box.at("found"));
      const files = ["found/a", "made/deep/b", "used/c"].map((path) => box.file(path, "x\n"));
      box.run(filesStep(files), "apply");
      box.run(filesStep(files), "apply");
      fs.writeFileSync(box.at("used/theirs"), "somebody's\n");
      assert.equal(box.run(filesStep(files), "remove").code, 0);
      assert.deepEqual(
        ["found", "made", "used"].map((path) => box.exists(path)),
        [true, false, true],
      );
      assert.deepEqual(fs.readdirSync(box.at("used")), ["theirs"]);
    });

    it("takes away folders that were made at different times, the last in a run that was cut", () => {
      const step = filesStep([box.file("made/deep/b", "x\n")]);
      fs.mkdirSync(box.at("made"));
      box.run(step, "apply");
      fs.rmSync(box.at("made"), { recursive: true });
      box.run({ ...step, script: "step() { ensure_files; exit 9; }" }, "apply");
      const manifest = box.read("state/steps/test");
      assert.match(manifest, /made\/deep\t[^]*made\t/, "the outer one was noted last");
      assert.equal(box.run(filesStep([]), "apply").code, 0);
      assert.equal(box.exists("made"), false);
    });

    it("removes a file that the step no longer names, and keeps aside what somebody wrote into it", () => {
      box.run(filesStep([box.file("a", "one\n"), box.file("b", "two\n")]), "apply");
      fs.appendFileSync(box.at("b"), "somebody's line\n");
      assert.equal(box.run(filesStep([box.file("a", "one\n")]), "apply").code, 0);
      assert.equal(box.exists("b"), false);
      const kept = fs.readdirSync(box.at(`state/removed${box.root}`));
      assert.match(
        fs.readFileSync(box.at(`state/removed${box.root}/${kept[0] ?? ""}`), "utf8"),
        /somebody's/,
      );
    });

    it("stops a unit that the step no longer names while its file is still there", () => {
      const unit = box.file("x.service", "unit\n");
      const forget = `forget_unit() { if [ -e "$FILE" ]; then echo "stopped $1"; fi; }`;
      const step = (names: boolean): Step => ({
        name: "test",
        script: `${forget}\nstep() { ensure_files; ${names ? "record unit x.service was" : ":"}; }`,
        libraries: ["files"],
        settings: { FILE: unit.path },
        files: names ? [unit] : [],
      });
      box.run(step(true), "apply");
      assert.equal(box.run(step(false), "apply").stdout, "stopped x.service\n");
      assert.equal(box.exists("x.service"), false);
    });

    it("takes units away before their files, and tells systemd, also after a run that was cut", () => {
      const unit = box.file("etc/systemd/system/a.service", "[Service]\n");
      box.run(unitsStep("ensure_files; ensure_unit a.service enabled active", [unit]), "apply");
      const cut = unitsStep("forget_dir() { exit 9; }");
      const first = box.run(cut, "apply");
      assert.equal(first.code, 9);
      assert.equal(first.stdout, "disable -q a.service\nstop a.service\n");
      assert.match(first.stderr, /removing unit a\.service\n.*removing file .*a\.service\n/);
      assert.equal(box.run(unitsStep(":"), "apply").stdout, "daemon-reload\n");
      assert.equal(box.run(unitsStep(":"), "apply").stdout, "");
    });

    it("stops a unit of ours also where it ran before it was recorded", () => {
      const unit = box.file("etc/systemd/system/vmstation-a", "[Socket]\n");
      const early =
        "ensure_files; systemctl start vmstation-a; ensure_unit vmstation-a enabled active";
      box.run(unitsStep(early, [unit]), "apply");
      const { stdout } = box.run(unitsStep(":"), "apply");
      assert.match(stdout, /^disable -q --now vmstation-a$/m);
    });

    it("asks after the unit itself where it is named by an alias", () => {
      const step = unitsStep("ensure_unit alias.service enabled active");
      const seen = box.run(step, "check");
      assert.equal(
        seen.stdout,
        "drift\tunit\treal.service\tis disabled inactive, not enabled active\n",
      );
      assert.equal(box.run(step, "apply").stdout, "enable -q real.service\nstart real.service\n");
    });

    it("sees of many units which are not as they should be, those that are not there among them", () => {
      const states = [
        ["right.service", "enabled active"],
        ["stopped.service", "enabled active"],
        ["gone.service", "disabled inactive"],
        ["gone-too.service", "enabled active"],
        ["off.service", "enabled inactive"],
      ];
      fs.mkdirSync(box.at("state"));
      for (const name of ["enabled-right", "active-right", "enabled-stopped"]) {
        fs.writeFileSync(box.at(`state/${name}.service`), "");
      }
      const check = (more: string[][]): string =>
        box.run(
          unitsStep(
            [...states, ...more].map((words) => `ensure_unit ${words.join(" ")}`).join("; "),
          ),
          "check",
        ).stdout;
      const seen =
        "drift\tunit\tstopped.service\tis enabled inactive, not enabled active\n" +
        "drift\tunit\tgone-too.service\tis not-found inactive, not enabled active\n" +
        "drift\tunit\toff.service\tis disabled inactive, not enabled inactive\n";
      assert.equal(check([]), seen);
      const lost = "drift\tunit\tlost.service\tis not-found inactive, not enabled active\n";
      assert.equal(check([["lost.service", "enabled active"]]), seen + lost);
    });

    it("does not stop an automount whose mount is in use", () => {
      box.run(unitsStep("ensure_unit srv.automount enabled active"), "apply");
      for (const state of ["active", "busy"]) {
        fs.writeFileSync(box.at(`state/${state}-srv.mount`), "");
      }
      for (const verb of ["apply", "remove"]) {
        const ran = box.run(unitsStep(":"), verb);
        assert.deepEqual([ran.code, ran.stdout], [1, ""]);
        assert.match(ran.stderr, /\/srv cannot be unmounted and stays as it is/);
      }
      fs.rmSync(box.at("state/busy-srv.mount"));
      assert.equal(
        box.run(unitsStep(":"), "apply").stdout,
        "stop srv.mount\ndisable -q srv.automount\nstop srv.automount\n",
      );
    });

    it("keeps the good file where the validator refuses the new one", () => {
      const good = filesStep([box.file("run.sh", "echo good\n", { validate: "shell" })]);
      box.run(good, "apply");
      const bad = box.run(filesStep([box.file("run.sh", "if\n", { validate: "shell" })]), "apply");
      assert.equal(bad.code, 1);
      assert.match(bad.stderr, /vmstation: sandbox: test: the new .*run\.sh is refused by shell/);
      assert.equal(box.read("run.sh"), "echo good\n");
    });

    it("does nothing at all when it arrives only in part", () => {
      fc.assert(
        fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
          const part = new Sandbox(shell);
          const ran = part.runPart(filesStep([part.file("a", "one\n")]), share);
          assert.equal(ran.stdout, "");
          assert.deepEqual(fs.readdirSync(part.root), ["run"]);
          part.remove();
        }),
        { numRuns: 6 },
      );
    });

    it("refuses a verb that it does not know", () => {
      const ran = box.run(filesStep([]), "destroy");
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /no such verb: 'destroy'/);
    });
  });
}
