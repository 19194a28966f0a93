import assert from "node:assert/strict";
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { parseShellWords } from "../../scripts/engine/shell-words";
import { addVerbs } from "../../scripts/verbs/add-verbs";

/** Parses a command as the command line does, without running it. Returns the options; throws what is wrong. */
export async function parseCommand(command: string): Promise<Record<string, unknown>> {
  const words = parseShellWords(command.replace(/^(npx )?vmstation /, ""));
  const program = new Command("vmstation").enablePositionalOptions().exitOverride();
  program.option("-C, --cwd <folder>").configureOutput({ writeErr: () => undefined });
  addVerbs(program, { words, verb: null, stack: null, cwd: ".", json: false });
  let options: Record<string, unknown> | undefined;
  const stop = (one: CommandUnknownOpts): void => {
    one.commands.forEach(stop);
    one.exitOverride();
    one.action(function (this: CommandUnknownOpts) {
      options = this.optsWithGlobals();
    });
  };
  program.commands.forEach(stop);
  await program.parseAsync(words, { from: "user" });
  assert.ok(options !== undefined, `nothing is run by: ${command}`);
  return options;
}
