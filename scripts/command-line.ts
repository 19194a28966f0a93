import { Command, CommanderError } from "@commander-js/extra-typings";
import { version } from "../stacks/version";
import { completeCommands } from "./kit/advice";
import { Style } from "./kit/terminal/style";
import { wrapMessage } from "./kit/terminal/wrap-message";
import { optionDescription, parseStack } from "./kit/verb/command";
import { beginDocument, type Call, writeError } from "./kit/verb/document";
import { EXIT, type ExitCode, UserError } from "./kit/user-error";
import { addVerbs } from "./verbs/add-verbs";
import { listCandidates } from "./verbs/candidates";
import { requireVerb } from "./verbs/unknown-verb";

const FOOTER = `
Exit codes: 0 pass, 1 fail, 2 could not run.

Examples:
  vmstation init --stack mine  describe your machines in Pulumi.mine.yaml
  vmstation preview --diff     show what an update would change
  vmstation up                 apply it
  vmstation status             show the machines, the cluster and what needs attention
  vmstation diagnose           collect everything for a bug report`;

/** Runs the command with these words and leaves its exit code in `process.exitCode`; throws where it has a bug. */
export async function runCommandLine(words: readonly string[]): Promise<void> {
  const call: Call = { words, verb: null, stack: null, cwd: ".", json: asksForJson(words) };
  beginDocument();
  const program = new Command("vmstation")
    .description(
      "Build and operate a Kubernetes cluster at home whose machines sleep when they are idle.",
    )
    .version(version, "-V, --version", "print the version")
    .option("-C, --cwd <folder>", "run in this folder", ".")
    .option("-s, --stack <name>", "stack to use; also after the verb", parseStack)
    .addHelpText("after", FOOTER)
    .showHelpAfterError("(vmstation --help lists all verbs)")
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (verb) => verb.name(), optionDescription })
    .helpOption("-h, --help", "show this help")
    .usage("[options] <verb>")
    .addHelpCommand(new Command("help").description("show a verb's help").helpGroup("Help:"))
    .exitOverride();
  const [first, ...typed] = words;
  // For a shell, at each press of Tab: no verb, so that it is quick and in no list.
  if (first === "complete") {
    process.stdout.write(
      listCandidates(typed)
        .map((word) => `${word}\n`)
        .join(""),
    );
    return;
  }
  try {
    call.verb = requireVerb(words);
    addVerbs(program, call);
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    process.exitCode = report(error, call);
  }
}

/** Broken into lines for a person only: a program searches for whole sentences. */
function forReader(message: string): string {
  if (!process.stderr.isTTY) return message;
  return wrapMessage(message, Style.of(process.stderr, process.env));
}

/** Before anything is parsed; what Pulumi or a command on a machine is given is not ours. */
function asksForJson(words: readonly string[]): boolean {
  const own = words.slice(0, words.includes("--") ? words.indexOf("--") : words.length);
  return own.includes("--json") && !own.includes("pulumi") && !own.includes("ssh");
}

/** What the user can fix is told as it is; anything else is a bug and keeps its trace. */
function report(error: unknown, call: Call): ExitCode {
  if (error instanceof CommanderError) {
    const code = error.exitCode === 0 ? EXIT.pass : EXIT.couldNotRun;
    if (code !== EXIT.pass) writeError(call, error.message.replace(/^error: /, ""), code);
    return code;
  }
  if (!(error instanceof UserError)) {
    writeError(call, error instanceof Error ? error.message : String(error), EXIT.fail);
    throw error;
  }
  const { stack, cwd } = call;
  const message = completeCommands(error.message, { stack: stack ?? undefined, cwd });
  writeError(call, message, error.exitCode);
  process.stderr.write(`${forReader(message)}\n`);
  return error.exitCode;
}
