import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** The `InputOf` of a command that was parsed. commander leaves out a flag that was not given: it is false here. */
export function readInput(command: CommandUnknownOpts): object {
  const flags = command.options.filter((option) => option.isBoolean() && !option.negate);
  const off = Object.fromEntries(flags.map((option) => [option.attributeName(), false]));
  return { args: command.processedArgs, options: { ...off, ...command.optsWithGlobals() } };
}
