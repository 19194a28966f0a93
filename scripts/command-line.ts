import { Command, CommanderError } from "@commander-js/extra-typings";
import { version } from "../stacks/version";
import { optionDescription } from "./kit/verb/command";
import { EXIT, type ExitCode, UserError } from "./kit/user-error";
import { addVerbs } from "./verbs/add-verbs";

const FOOTER = `
Exit codes: 0 pass, 1 fail, 2 could not run.

Examples:
  vmstation plan                   show what the stack homelab consists of
  vmstation pulumi preview --diff  show what an update would change
  vmstation pulumi up              apply it
  vmstation validate               check the running cluster
  vmstation diagnose               collect everything for a bug report`;

/** Runs the command with these words and leaves its exit code in `process.exitCode`; throws where it has a bug. */
export async function runCommandLine(words: readonly string[]): Promise<void> {
  const program = new Command("vmstation")
    .description(
      "Build and operate a Kubernetes cluster at home whose machines sleep when they are idle.",
    )
    .version(version, "-V, --version", "print the version")
    .option("-C, --cwd <folder>", "run in this folder", ".")
    .addHelpText("after", FOOTER)
    .showHelpAfterError("(vmstation --help lists all verbs)")
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (verb) => verb.name(), optionDescription })
    .helpOption("-h, --help", "show this help")
    .usage("[options] <verb>")
    .addHelpCommand(new Command("help").description("show a verb's help").helpGroup("Help:"))
    .exitOverride();
  addVerbs(program, words);
  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** What the user can fix is told as it is; anything else is a bug and keeps its trace. */
function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.couldNotRun;
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  return error.exitCode;
}
