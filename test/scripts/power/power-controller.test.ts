import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import {
  ControllerAway,
  PowerController,
  renderEntry,
} from "../../../scripts/kit/controller/power-controller";
import { resultSchema } from "../../../scripts/kit/controller/rows";
import { UserError } from "../../../scripts/kit/user-error";
import { fakeOperator, IDLE, type SshAnswered } from "./support";

describe("the power controller's entries, called over SSH", () => {
  const said: string[] = [];
  const call = (answer: SshAnswered) => {
    const { operator, asked } = fakeOperator(answer);
    said.length = 0;
    const controller = new PowerController(operator, (text) => said.push(text));
    return { asked, answer: controller.call("sleep", ["box"], resultSchema) };
  };

  it("get exactly the words that were given, whatever is in them", () => {
    const word = fc.string({ unit: "binary-ascii" }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (words) => {
        const script = renderEntry("hold", words).replace(
          "entry=/usr/local/bin/vmstation-$1.sh",
          "entry=/usr/bin/printf",
        );
        const input = script.replace('"$entry" "$@"', '"$entry" "<%s>" "$@"');
        const ran = spawnSync("sh", ["-eus"], { input, encoding: "utf8" });
        const wanted = words.length === 0 ? "<>" : words.map((each) => `<${each}>`).join("");
        assert.equal(ran.stdout, wanted, ran.stderr);
      }),
      { numRuns: 25 },
    );
  });

  it("end with 127 where there is no controller", () => {
    const ran = spawnSync("sh", ["-eus"], { input: renderEntry("no-such-entry", []) });
    assert.equal(ran.status, 127);
  });

  it("answer with JSON, and say what they do meanwhile, without what could steer a terminal", async () => {
    const { asked, answer } = call({
      stdout: JSON.stringify(IDLE),
      stderr: "box: draining\x1b[2J\n",
    });
    assert.deepEqual(await answer, { code: 0, value: IDLE });
    assert.equal(said.join(""), "box: draining\\x1b[2J\n");
    assert.equal(asked[0]?.command, "sudo -n sh -eus");
    assert.match(asked[0].input, /^set -- 'sleep' 'box' '--json'$/m);
  });

  it("keep their exit code beside the answer", async () => {
    const refused = { ...IDLE, done: false, why: ["ann is logged in"] };
    const { answer } = call({ code: 1, stdout: JSON.stringify(refused) });
    assert.deepEqual(await answer, { code: 1, value: refused });
  });

  it("tell a controller that does not answer from one that is not there yet", async () => {
    const away = (reachable: boolean, message: RegExp) => (error: unknown) =>
      error instanceof ControllerAway &&
      error.reachable === reachable &&
      message.test(error.message);
    await assert.rejects(
      call({ code: 255, stderr: "No route to host\n" }).answer,
      away(false, /^control does not answer: No route to host$/),
    );
    await assert.rejects(
      call({ code: 127 }).answer,
      away(
        true,
        /^The power controller is not installed on control yet\. Run: npx vmstation up --stack lab$/,
      ),
    );
  });

  it("are not believed where they give no answer of the known shape", async () => {
    for (const stdout of ["", "{", "[]", '{"machine": "box"}']) {
      await assert.rejects(
        call({ code: 2, stdout, stderr: "x\nvmstation: another run is busy with box\n" }).answer,
        (error: unknown) =>
          error instanceof UserError &&
          !(error instanceof ControllerAway) &&
          error.message.endsWith(" (code 2): vmstation: another run is busy with box"),
      );
    }
  });
});
