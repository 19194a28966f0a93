import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";

/**
 * For a verb whose further words are another program's: its own options count before its first argument, and directly
 * after it too. `ssh nas --stack mine -- ls -l` and `ssh --stack mine nas ls -l` are the same. --help is one of
 * them: the machine is not asked for it.
 */
export function hoistOptions<Verb extends CommandUnknownOpts>(verb: Verb): Verb {
  const parseOptions = verb.parseOptions.bind(verb);
  verb.parseOptions = (words: string[]) => parseOptions(hoist(verb.options, words));
  return verb;
}

/** The same words with the options after the first argument before it. */
function hoist(options: readonly Option[], words: readonly string[]): string[] {
  const first = countOptions(options, words);
  const argument = words[first];
  if (argument === undefined || argument.startsWith("-")) return [...words];
  const after = words.slice(first + 1);
  const own = countOptions(options, after);
  return [...words.slice(0, first), ...after.slice(0, own), argument, ...after.slice(own)];
}

/** commander does not list these among a verb's options. */
const HELP: readonly string[] = ["-h", "--help"];

/** How many of the first words are options of the verb, with their values. */
function countOptions(options: readonly Option[], words: readonly string[]): number {
  let count = 0;
  while (count < words.length) {
    const word = words[count] ?? "";
    const option = options.find((each) => isCalled(each, word));
    if (option === undefined && !HELP.includes(word)) break;
    count += option?.required === true && (word === option.short || word === option.long) ? 2 : 1;
  }
  return count;
}

/** By itself, or with its value: `--stack=mine`, `-smine`. */
function isCalled({ short, long, required }: Option, word: string): boolean {
  if (word === short || word === long) return true;
  if (!required) return false;
  const isShort = short !== undefined && !word.startsWith("--") && word.startsWith(short);
  return isShort || (long !== undefined && word.startsWith(`${long}=`));
}
