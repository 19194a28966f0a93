import { Command, CommanderError } from "commander";
import { EXIT, type ExitCode, UserError } from "./user-error";
import { addVerbs } from "./verbs";

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

/** What the user can put right is told as it is; anything else is a bug and keeps its trace. */
function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.couldNotRun;
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  return error.exitCode;
}

/** Who reads may stop (`| head`); what was begun is still done to its end, and ends as it would have. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

process.stdout.on("error", ignoreClosedPipe);
process.stderr.on("error", ignoreClosedPipe);

const program = new Command("vmstation")
  .description("A homelab cluster of machines that sleep, described by one Pulumi program.")
  .option("-C, --cwd <folder>", "run as if started in this folder", ".")
  .addHelpText("after", FOOTER)
  .showHelpAfterError("(vmstation --help lists the verbs)")
  .enablePositionalOptions()
  .exitOverride();
addVerbs(program);

program.parseAsync().catch((error: unknown) => {
  process.exitCode = report(error);
});
