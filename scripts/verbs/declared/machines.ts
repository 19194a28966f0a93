import type { Command } from "commander";
import { collect, examples, runs, withConfig, withStack } from "../declare";

/** Verbs about the machines themselves: who they are, what they hold, which are gone. */
export function addMachineVerbs(program: Command): void {
  addTrust(program);
  addDrift(program);
  addForget(program);
}

function addTrust(program: Command): void {
  withStack(program.command("trust"))
    .description("show the machines' SSH host keys, and pin them in the stack's file")
    .argument("[machines...]", "their names; all machines unless told")
    .option("--key <key>", "pin this public key, read at the machine's console")
    .option("-y, --yes", "pin without asking, once you have compared the fingerprints")
    .option("--dry-run", "show both fingerprints and change nothing")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation trust", "show and pin all of them, after you have compared"],
        ["vmstation trust homelab --dry-run", "only compare"],
      ),
    )
    .action(runs("trust"));
}

function addDrift(program: Command): void {
  withConfig(program.command("drift"))
    .description("compare the machines with the plan over SSH; changes nothing without --fix")
    .option("-m, --machine <name>", "only this machine (repeatable)", collect, [])
    .option("--fix", "run the update of what has drifted again, and nothing else")
    .option("--dry-run", "with --fix: only say what would be run")
    .option("--no-cache", "make the plan anew, also where nothing that it is made from has changed")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation drift", "look at every machine that is awake"],
        ["vmstation drift -m homelab --fix --dry-run", "what would be mended there"],
      ),
    )
    .action(runs("drift"));
}

function addForget(program: Command): void {
  withStack(program.command("forget"))
    .description("take a dead machine out of the state; nothing is run or deleted on it")
    .argument("<machine>", "its name")
    .option("-y, --yes", "without asking")
    .option("--dry-run", "only say what would be dropped")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(["vmstation forget homelab --dry-run", "what would be dropped from the state"]),
    )
    .action(runs("forget"));
}
