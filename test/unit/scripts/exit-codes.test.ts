import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Command, CommanderError } from "commander";
import { EXIT, UserError } from "../../../scripts/user-error";
import { addVerbs } from "../../../scripts/verbs";
import { listVerbs } from "./list-verbs";

/** What is typed there is another program's. */
const OTHERS = ["pulumi", "ssh"];

/** It prints the keys of every configuration. */
const WITHOUT_PROJECT = ["config"];

/** What comes after a verb that does not take any word for its arguments, or wants more than those. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  pulumi: ["preview"],
  remedy: ["crash-loops"],
  promote: ["lab", "homelab"],
  reset: ["soft"],
  hold: ["x", "--for", "3h", "--why", "guests"],
};

/** The exit code of a command line, and the sentence that goes with it where it could not run. */
async function call(words: readonly string[]): Promise<{ code: number; why: string }> {
  const program = new Command("vmstation")
    .option("-C, --cwd <folder>", "", ".")
    .enablePositionalOptions();
  addVerbs(program);
  let why = "";
  const mute = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: (text) => (why += text) });
    for (const below of command.commands) mute(below);
  };
  mute(program);
  const before = process.exitCode;
  try {
    await program.parseAsync([...words], { from: "user" });
    return { code: Number(process.exitCode ?? 0), why };
  } catch (error) {
    if (error instanceof CommanderError) return { code: EXIT.couldNotRun, why };
    if (error instanceof UserError) return { code: error.exitCode, why: error.message };
    throw error;
  } finally {
    process.exitCode = before;
  }
}

describe("the exit code of a verb that cannot run", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-exit-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  for (const [name, verb] of listVerbs()) {
    const required = verb.registeredArguments.filter((argument) => argument.required);
    const words = [...name.split(" "), ...(WORDS[name] ?? required.map(() => "x"))];

    if (!WITHOUT_PROJECT.includes(name))
      it(`is 2 for ${name} where there is no project, and nothing is written`, async () => {
        const { code, why } = await call(["-C", folder, ...words]);
        assert.deepEqual([code, readdirSync(folder)], [EXIT.couldNotRun, []]);
        assert.match(why, /^There is no .*Pulumi\.(homelab\.)?yaml/, why);
      });

    if (OTHERS.includes(name)) continue;
    it(`is 2 for ${name} with an option that it does not have`, async () => {
      const { code, why } = await call(["-C", folder, ...words, "--no-such-option"]);
      assert.equal(code, EXIT.couldNotRun);
      assert.match(why, /unknown option '--no-such-option'/);
    });
  }
});
