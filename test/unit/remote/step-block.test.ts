import assert from "node:assert/strict";
import * as fs from "node:fs";
import type { Step } from "../../../components/remote/step";
import { Sandbox } from "../../support/sandbox";

const HANDLER = "handler() { echo reloaded; }";

for (const shell of ["sh", "bash"]) {
  describe(`a step under ${shell}, in a file that others write too`, () => {
    let box: Sandbox;
    beforeEach(() => {
      box = new Sandbox(shell);
    });
    afterEach(() => {
      box.remove();
    });

    const step = (text: string): Step => ({
      name: "test",
      script: 'step() { ensure_block "$TARGET" "$TEXT"; on_change files handler; }\n' + HANDLER,
      libraries: ["files"],
      settings: { TARGET: box.at("hosts"), TEXT: text },
    });
    const block = (text: string): string =>
      `# BEGIN vmstation test\n${text}\n# END vmstation test\n`;

    it("owns its lines, and leaves the others where they are", () => {
      fs.writeFileSync(box.at("hosts"), "127.0.0.1 localhost\n");
      box.run(step("10.0.0.1 a"), "apply");
      fs.appendFileSync(box.at("hosts"), "10.9.9.9 printer\n");
      assert.equal(box.run(step("10.0.0.1 a"), "check").code, 0);
      assert.deepEqual(box.run(step("10.0.0.1 a"), "apply").stdout, "");
      assert.equal(box.run(step("10.0.0.2 b\n10.0.0.3 c"), "apply").stdout, "reloaded\n");
      assert.equal(
        box.read("hosts"),
        `127.0.0.1 localhost\n${block("10.0.0.2 b\n10.0.0.3 c")}10.9.9.9 printer\n`,
      );
      assert.equal(box.run(step("10.0.0.1 a"), "check").code, 3);
      assert.equal(box.run(step("10.0.0.2 b"), "remove").code, 0);
      assert.equal(box.read("hosts"), "127.0.0.1 localhost\n10.9.9.9 printer\n");
    });

    it("goes below a last line that has no newline, not into it", () => {
      fs.writeFileSync(box.at("hosts"), "127.0.0.1 localhost");
      box.run(step("10.0.0.1 a"), "apply");
      assert.equal(box.read("hosts"), `127.0.0.1 localhost\n${block("10.0.0.1 a")}`);
    });

    it("deletes no other lines if the end mark of its own is lost", () => {
      const open = "# BEGIN vmstation test\n10.0.0.1 a\n10.9.9.9 printer\n";
      box.run(step("10.0.0.1 a"), "apply");
      for (const text of [open, open + block("10.0.0.1 a")]) {
        fs.writeFileSync(box.at("hosts"), text);
        const seen = box.run(step("10.0.0.1 a"), "check");
        assert.match(seen.stdout, /^drift\tblock\t\S+hosts\tour lines have no end/);
        for (const verb of ["apply", "remove"]) {
          const ran = box.run(step("10.0.0.1 a"), verb);
          assert.equal(ran.code, 1);
          assert.match(ran.stderr, /'# END vmstation test' is missing/);
          assert.equal(box.read("hosts"), text);
        }
      }
    });
  });
}
