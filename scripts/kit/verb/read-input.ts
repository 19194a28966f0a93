import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { loadProject } from "../stack-file/project";
import { chooseStack } from "../stack-file/choose-stack";
import { UserError } from "../user-error";
import { CHOOSE } from "./command";
import type { Call } from "./document";

/**
 * The `InputOf` of a command that was parsed. commander leaves out a flag that was not given: it is false here. Options
 * of `vmstation` itself count wherever they stand. Where a stack is needed and none is named, one is chosen.
 */
export function readInput(
  command: CommandUnknownOpts,
  call: Call,
): { args: readonly unknown[]; options: Record<string, unknown> } {
  const flags = command.options.filter((option) => option.isBoolean() && !option.negate);
  const off = Object.fromEntries(flags.map((option) => [option.attributeName(), false]));
  const above: Record<string, unknown> = command.parent?.optsWithGlobals() ?? {};
  const own: Record<string, unknown> = command.opts();
  const options = { ...off, ...above, ...own };
  call.cwd = String(options.cwd);
  call.json = options.json === true;
  const stack = readStack(command, above, call);
  if (stack !== undefined) {
    call.stack = stack;
    options.stack = stack;
  }
  return { args: command.processedArgs, options };
}

function readStack(
  command: CommandUnknownOpts,
  { stack: above }: Record<string, unknown>,
  call: Call,
): string | undefined {
  const takesStack = command.options.some(({ long }) => long === "--stack");
  if (typeof above === "string") {
    if (!takesStack) throw new UserError(`${call.verb ?? ""} takes no --stack.`);
    if (command.getOptionValueSource("stack") !== "cli") return above;
  }
  const own: Record<string, unknown> = command.opts();
  if (typeof own.stack !== "string") return undefined;
  if (own.stack !== CHOOSE) return own.stack;
  const project = loadProject(call.cwd);
  const example = typeof own.example === "string" ? own.example : undefined;
  return chooseStack({ project, env: process.env, words: call.words, example });
}
