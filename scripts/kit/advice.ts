/** What a command that is printed has to say besides its words, so that it does what it is meant to do. */
export interface CommandContext {
  /** The stack that it is about; left out where the verb takes none. */
  readonly stack?: string | undefined;
  /** The folder of `vmstation -C`, where one was given. */
  readonly cwd?: string | undefined;
}

/** Verbs that are not about one stack; the words after "pulumi stack" name theirs. */
export const WITHOUT_STACK: readonly string[] = [
  ...["completion", "config", "help", "mirror serve", "promote"],
];

/**
 * The verb of a command that stands in a text, whether `npx` is before it or not. What runs on a machine knows neither
 * of the wrapper nor of the stack, and says `pulumi up`. After a word "vmstation" alone is a name: "the pool vmstation is".
 */
const COMMAND = new RegExp(
  "(?<![\\w/.@-])(?:(?:npx |(?<!\\w ))vmstation ((?:-C \\S+ )?)((?:(?:alert|app|bootstrap|mirror) )?[a-z][a-z-]*)" +
    "|pulumi (up|preview|refresh|destroy))(?![\\w/])",
);

/** Where the command that begins a text ends: a command is followed by a comment, a mark or a new line. */
const END = /[\n`"')]|; | {2,}#|, then|\. |$/;

/** A command that can be copied as it is: `npx vmstation trust nas --stack mine`. */
export function renderCommand(context: CommandContext, ...words: readonly string[]): string {
  const split = words.indexOf("--");
  const [own, rest] = split < 0 ? [words, []] : [words.slice(0, split), words.slice(split)];
  const { stack, cwd } = context;
  return [
    ...["npx", "vmstation", ...(cwd === undefined || cwd === "." ? [] : ["-C", cwd]), ...own],
    ...(stack === undefined || namesStack(own) ? [] : ["--stack", stack]),
    ...rest,
  ]
    .map(quoteWord)
    .join(" ");
}

function namesStack(words: readonly string[]): boolean {
  return words.some((word) => /^(-s|--stack)(=|$)/.test(word));
}

/** Completes each command in a text: what was written where the stack is not known works as it is printed. */
export function completeCommands(text: string, { stack, cwd }: CommandContext): string {
  const where = cwd === undefined || cwd === "." ? "" : `-C ${quoteWord(cwd)} `;
  let done = "";
  let rest = text;
  for (let match = COMMAND.exec(rest); match !== null; match = COMMAND.exec(rest)) {
    const [found, folder = "", ours, theirs = ""] = match;
    const verb = ours ?? theirs;
    const before = rest.slice(0, match.index);
    rest = rest.slice(match.index + found.length);
    const words = rest.slice(0, END.exec(rest)?.index ?? rest.length);
    const isComplete = WITHOUT_STACK.includes(verb) || namesStack(words.split(" "));
    const which = stack === undefined || isComplete ? "" : ` --stack ${quoteWord(stack)}`;
    done += `${before}npx vmstation ${folder === "" ? where : folder}${verb}${which}`;
  }
  return done + rest;
}

/** The word as a shell takes it. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
