import { Argument, Command, Help, Option, type OptionValues } from "@commander-js/extra-typings";
import { collect, parseStack } from "./values";

// A verb's command.ts imports only this module.
export { Argument, Option };
export * from "./values";

/** Options of `vmstation` itself: every verb gets them. A type, as commander takes no interface here. */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
export type GlobalOptions = { cwd: string };

/** Options of every verb that works on a stack. */
export interface StackOptions extends GlobalOptions {
  readonly stack: string;
  readonly configFile?: string | undefined;
}

// What commander itself begins with.
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type
type NoOptions = Record<never, never>;
type NewVerb = Command<[], NoOptions, GlobalOptions>;

/** Options as `run` reads them: a flag is true or false. */
type Read<Options> = {
  readonly [
    Name in keyof Options as [Options[Name]] extends [true | undefined] ? never : Name
  ]: Options[Name];
} & {
  readonly [
    Name in keyof Options as [Options[Name]] extends [true | undefined] ? Name : never
  ]-?: boolean;
};

/** What `run` gets: arguments and options exactly as `createCommand` declares them. */
export type InputOf<Create> = Create extends () => Command<infer Args, infer Options, infer Globals>
  ? { readonly args: Readonly<Args>; readonly options: Read<Options & Globals> }
  : never;

/** A verb's command. Its name and its description are in the registry, scripts/verbs/verbs.ts. */
export function newVerb(): NewVerb {
  return new Command<[], NoOptions, GlobalOptions>();
}

/** How help describes an option: as commander does, without saying that a list is empty by default. */
export function optionDescription(...args: Parameters<Help["optionDescription"]>): string {
  return new Help().optionDescription(...args).replace(" (default: [])", "");
}

/** The value of `--stack` where none was named: before the verb runs, one is chosen in its place (read-input.ts). It cannot be typed. */
export const CHOOSE = "";

/** For the CLI an empty PULUMI_STACK is as if it were not set. */
function stackOption(description: string) {
  const option = new Option("-s, --stack <name>", description).argParser(parseStack);
  return process.env.PULUMI_STACK === "" ? option : option.env("PULUMI_STACK");
}

/** Adds `--stack`. */
export function withStack<
  Args extends unknown[],
  Options extends OptionValues,
  Globals extends OptionValues,
>(command: Command<Args, Options, Globals>) {
  return command.addOption(
    stackOption("stack to use").default(CHOOSE, "the selected one, else the only one"),
  );
}

/** Adds `--stack` to a verb for which none is chosen: it is undefined where none was named. */
export function withNamedStack<
  Args extends unknown[],
  Options extends OptionValues,
  Globals extends OptionValues,
>(command: Command<Args, Options, Globals>, description: string) {
  return command.addOption(stackOption(description));
}

/** Adds `--stack`, and `--config-file` for a verb that reads the configuration. */
export function withConfig<
  Args extends unknown[],
  Options extends OptionValues,
  Globals extends OptionValues,
>(command: Command<Args, Options, Globals>) {
  return withStack(command).option(
    "--config-file <file>",
    "read this file instead of Pulumi.<stack>.yaml",
  );
}

/** Examples at the end of a verb's help: what to type, and what it does. */
export function examples(...lines: readonly (readonly [command: string, does: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const rendered = lines.map(([command, does]) => `  ${command.padEnd(width)}  ${does}`);
  return `\nExamples:\n${rendered.join("\n")}`;
}

/** Adds `--arch`: a stack's file does not say what the machines' processors are. */
export function withArchitecture<
  Args extends unknown[],
  Options extends OptionValues,
  Globals extends OptionValues,
>(command: Command<Args, Options, Globals>) {
  return command.addOption(
    new Option("--arch <architecture>", "processor of the machines")
      .choices(["amd64", "arm64"] as const)
      .default("amd64" as const),
  );
}

/** `--set` of a verb that plans: `does` what with the other value. */
export function settingsOption(does: string) {
  const help = `${does} with another value; no file is changed (repeatable)`;
  return new Option("--set <layer.key=value>", help).argParser(collect).default<string[]>([]);
}
