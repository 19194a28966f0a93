import { Command, CommanderError } from "commander";
import { version } from "../stacks/version";
import { EXIT, type ExitCode, UserError } from "./kit/user-error";
import { addVerbs } from "./verbs/verbs";

const FOOTER = `
Exit codes: 0 pass, 1 fail, 2 could not run.

Examples:
  vmstation plan                              what the stack homelab consists of
  vmstation plan --json | jq .warnings        the same for a program
  vmstation plan --set bootstrap.method=rke2  a what-if; no file is touched
  vmstation plan --graph homelab.svg          a picture of it
  vmstation pulumi preview --diff             what Pulumi's engine would change
  vmstation pulumi up                         apply it
  vmstation validate                          is everything right?
  vmstation diagnose                          what is going on, in one report`;

/** Runs the command with these words and leaves its exit code in `process.exitCode`; throws where it has a bug. */
export async function runCommandLine(words: readonly string[]): Promise<void> {
  const program = new Command("vmstation")
    .description("A homelab cluster of machines that sleep, described by one Pulumi program.")
    .version(version, "-V, --version", "print the version")
    .option("-C, --cwd <folder>", "run as if started in this folder", ".")
    .addHelpText("after", FOOTER)
    .showHelpAfterError("(vmstation --help lists the verbs)")
    .enablePositionalOptions()
    .exitOverride();
  addVerbs(program);
  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** What the user can put right is told as it is; anything else is a bug and keeps its trace. */
function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.couldNotRun;
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  return error.exitCode;
}
