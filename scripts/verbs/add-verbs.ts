import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { type Call, endDocument } from "../kit/verb/document";
import { readInput } from "../kit/verb/read-input";
import { loadCommand, loadRun } from "./load-verb";
import { PARENTS, VERBS } from "./verbs";

/**
 * Declares every verb. The arguments and options of one are loaded only if its first word was typed, and its run.ts only
 * when it is called: `vmstation --help` needs neither.
 */
export function addVerbs(program: CommandUnknownOpts, call: Call): void {
  for (const [heading, verbs] of Object.entries(VERBS)) {
    for (const [verb, description] of Object.entries(verbs)) {
      const [first = "", second] = verb.split(" ");
      const above = second === undefined ? program : findParent(program, first, heading);
      const command = call.words.includes(first)
        ? load(verb, program, call)
        : above.createCommand();
      above.addCommand(
        command
          .name(second ?? first)
          .description(description)
          .helpGroup(heading),
      );
    }
  }
}

function load(verb: string, program: CommandUnknownOpts, call: Call): CommandUnknownOpts {
  const folder = verb.replace(" ", "-");
  return loadCommand(folder)
    .copyInheritedSettings(program)
    .showHelpAfterError(`(vmstation ${verb} --help shows its arguments and options)`)
    .addOption(new Option("-C, --cwd <folder>").hideHelp())
    .action(async function (this: CommandUnknownOpts) {
      call.verb = verb;
      const code = await loadRun(folder).run(readInput(this, call));
      endDocument(call, code);
      process.exitCode = code;
    });
}

function findParent(program: CommandUnknownOpts, name: string, group: string): CommandUnknownOpts {
  const known = program.commands.find((command) => command.name() === name);
  if (known !== undefined) return known;
  return program
    .command(name)
    .description(PARENTS[name] ?? "")
    .helpGroup(group);
}
