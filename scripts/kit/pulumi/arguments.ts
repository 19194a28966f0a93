/** What the wrapper has to know of a command line that is otherwise passed on as it is. */
export interface PulumiArguments {
  command: Command;
  /** The command's arguments, the stack's flag included where it was given. */
  rest: string[];
  stack: string | undefined;
  configFile: string | undefined;
  /** The stack that `stack select NAME` is about. */
  subject: string | undefined;
}

const UPDATES = ["preview", "up", "refresh", "destroy"] as const;

/** Commands of the CLI that the wrapper knows. */
export const PULUMI_COMMANDS = [...UPDATES, "stack", "config", "state", "cancel"] as const;

type Command = (typeof PULUMI_COMMANDS)[number];

/** Subcommands that are about more than one stack, or name theirs as an argument. */
const WITHOUT_STACK = new Set(["init", "new", "ls", "select", "--help", "-h"]);

export function parsePulumiArguments(command: Command, rest: readonly string[]): PulumiArguments {
  return {
    command,
    rest: [...rest],
    stack: flagValue(rest, "--stack") ?? flagValue(rest, "-s"),
    configFile: flagValue(rest, "--config-file"),
    subject: findSubject(command, rest),
  };
}

/** `stack select NAME`: the CLI selects only what was previewed once, so the wrapper makes the stack before. */
function findSubject(command: Command, [sub, ...rest]: readonly string[]): string | undefined {
  if (command !== "stack" || sub !== "select") return undefined;
  return rest.find((word) => !word.startsWith("-"));
}

/** True for the subcommands that are about several stacks, or name theirs as an argument. */
export function isAboutNoStack({ rest }: Pick<PulumiArguments, "rest">): boolean {
  return WITHOUT_STACK.has(rest[0] ?? "");
}

/** True for the commands that need the stack to be there, which one that was never previewed is not. */
export function needsStack({ command, subject }: PulumiArguments): boolean {
  return isUpdate(command) || command === "config" || subject !== undefined;
}

/** True for the commands that run the program with the stack's configuration. */
export function isUpdate(command: Command): boolean {
  return UPDATES.some((update) => update === command);
}

/** True where nothing is changed, in any state or on any machine. */
export function isPreview({ command, rest }: PulumiArguments): boolean {
  return command === "preview" || rest.includes("--preview-only");
}

/** True for the commands that remove, or announce to remove, what the program no longer describes. */
export function removesWhatIsGone(command: Command): boolean {
  return command === "preview" || command === "up";
}

/**
 * The command line for the CLI: the stack and the configuration's copy are added where missing. A destroy leaves what is
 * protected, which would make it fail as a whole: the key of a cluster that stays, and virtual machines.
 */
export function renderPulumiArguments(
  { command, rest, stack, configFile: own }: PulumiArguments,
  defaultStack: string,
  configFile: string | undefined,
): string[] {
  const args: string[] = [command, ...rest];
  const namesStack = isAboutNoStack({ rest });
  if (stack === undefined && !namesStack) args.push("--stack", defaultStack);
  if (configFile !== undefined && isUpdate(command) && own === undefined) {
    args.push("--config-file", configFile);
  }
  if (command === "destroy" && !isSelective(rest)) args.push("--exclude-protected");
  return args;
}

/** True where the user says what a destroy is about, protected resources included. */
function isSelective(rest: readonly string[]): boolean {
  return rest.some((arg) =>
    /^(-t|--target|--exclude|--exclude-protected|--ignore-protect)(=|$)/.test(arg),
  );
}

/** An argument that would change the configuration for this run alone, `-c KEY=VALUE`; undefined where there is none. */
export function findChange({ rest }: PulumiArguments): string | undefined {
  return rest.find((arg) => /^(-c|--config$|--config=|--config-path)/.test(arg));
}

/** The last value of `--flag VALUE`, `--flag=VALUE`, or for a short one `-fVALUE`. */
function flagValue(args: readonly string[], flag: string): string | undefined {
  const attached = flag.startsWith("--") ? `${flag}=` : flag;
  let value: string | undefined;
  args.forEach((arg, index) => {
    if (arg === flag) value = args[index + 1] ?? value;
    else if (arg.startsWith(attached)) value = arg.slice(attached.length).replace(/^=/, "");
  });
  return value;
}
