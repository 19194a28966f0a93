import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { addVerbs } from "../../scripts/verbs/add-verbs";
import { VERBS } from "../../scripts/verbs/verbs";

/** Each verb of the command line under the words by which it is called: "plan", "bootstrap log". */
export function listVerbs(): Map<string, CommandUnknownOpts> {
  const program = new Command("vmstation").enablePositionalOptions();
  const words = Object.values(VERBS).flatMap((verbs) => Object.keys(verbs).join(" ").split(" "));
  addVerbs(program, { words, verb: null, stack: null, cwd: ".", json: false });
  return listBelow(program, []);
}

function listBelow(
  command: CommandUnknownOpts,
  words: readonly string[],
): Map<string, CommandUnknownOpts> {
  const below = command.commands.flatMap((one) => [...listBelow(one, [...words, one.name()])]);
  return new Map(below.length > 0 ? below : [[words.join(" "), command]]);
}
