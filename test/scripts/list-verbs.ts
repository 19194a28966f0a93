import { Command } from "commander";
import { addVerbs } from "../../scripts/verbs/verbs";

/** Each verb of the command line under the words by which it is called: "plan", "bootstrap log". */
export function listVerbs(): Map<string, Command> {
  const program = new Command("vmstation").enablePositionalOptions();
  addVerbs(program);
  return listBelow(program, []);
}

function listBelow(command: Command, words: readonly string[]): Map<string, Command> {
  const below = command.commands.flatMap((one) => [...listBelow(one, [...words, one.name()])]);
  return new Map(below.length > 0 ? below : [[words.join(" "), command]]);
}
