import type { Command } from "commander";
import { loadVerb } from "./load-verb";

/** Declares every verb; what a verb does is in the file of its name. */
export function addVerbs(program: Command): void {
  addPlan(program);
  addPulumi(program);
  addTrust(program);
  addDrift(program);
  addForget(program);
  addConfig(program);
}

function addDrift(program: Command): void {
  program
    .command("drift")
    .description("compare the machines with the plan over SSH; changes nothing without --fix")
    .option("-s, --stack <name>", "the stack", defaultStack())
    .option("--config-file <file>", "read this instead of Pulumi.<stack>.yaml")
    .option("-m, --machine <name>", "only this machine (repeatable)", collect, [])
    .option("--fix", "run the update of what has drifted again, and nothing else")
    .option("--dry-run", "with --fix: only say what would be run")
    .option("--json", "write one JSON document")
    .action(runs("drift"));
}

function addForget(program: Command): void {
  program
    .command("forget")
    .description("take a dead machine out of the state; nothing is run or deleted on it")
    .argument("<machine>", "its name")
    .option("-s, --stack <name>", "the stack", defaultStack())
    .option("-y, --yes", "without asking")
    .option("--dry-run", "only say what would be dropped")
    .option("--json", "write one JSON document")
    .action(runs("forget"));
}

function addTrust(program: Command): void {
  program
    .command("trust")
    .description("show the machines' SSH host keys, and pin them in the stack's file")
    .argument("[machines...]", "their names; all machines unless told")
    .option("-s, --stack <name>", "the stack", defaultStack())
    .option("--key <key>", "pin this public key, read at the machine's console")
    .option("-y, --yes", "pin without asking, once you have compared the fingerprints")
    .option("--dry-run", "show both fingerprints and change nothing")
    .option("--json", "write one JSON document")
    .action(runs("trust"));
}

function addConfig(program: Command): void {
  program
    .command("config")
    .description("print every key of the configuration, its default and what it accepts")
    .action(runs("config"));
}

function addPlan(program: Command): void {
  program
    .command("plan")
    .description("show what a stack consists of, without the Pulumi CLI; changes nothing")
    .option("-s, --stack <name>", "the stack", defaultStack())
    .option("--config-file <file>", "read this instead of Pulumi.<stack>.yaml")
    .option("--set <layer.key=value>", "plan with another value (repeatable)", collect, [])
    .option("--json", "write one JSON document")
    .option("--graph <file>", "draw the graph to a .svg, .dot or .mmd file")
    .action(runs("plan"));
}

function addPulumi(program: Command): void {
  program
    .command("pulumi")
    .description("run the Pulumi CLI with a local state, unless another is configured")
    .argument("<command>", "preview, up, refresh or destroy")
    .argument("[args...]", "passed on to the CLI as they are")
    .option("-s, --stack <name>", "the stack", defaultStack())
    .allowUnknownOption()
    .passThroughOptions()
    .action(runs("pulumi"));
}

/** An action that hands options and arguments to the verb's file and keeps its exit code. */
function runs(name: string): (this: Command) => Promise<void> {
  return async function run() {
    const input = { ...this.optsWithGlobals(), args: this.args };
    process.exitCode = await loadVerb(name).run(input);
  };
}

function defaultStack(): string {
  return process.env.PULUMI_STACK ?? "homelab";
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
