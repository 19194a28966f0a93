import type { Command } from "commander";
import { examples, runs } from "./declare";

/** Verbs about stacks: how one comes to be, and how a change goes from one to the next. */
export function addStackVerbs(program: Command): void {
  addPromote(program);
}

function addPromote(program: Command): void {
  program
    .command("promote")
    .description("bring the commit that one stack runs and has validated to the next stack")
    .argument("<from>", "the stack that has run it, such as lab")
    .argument("<to>", "the stack that gets it, such as homelab")
    .option("--to-tag <tag>", "go back to this tag, which is checked out and has run here before")
    .option("-y, --yes", "without asking, after the preview")
    .option("--dry-run", "only decide and show what would change")
    .option("--json", "write one JSON document; what the CLI shows goes to stderr")
    .addHelpText(
      "after",
      examples(
        ["vmstation promote lab homelab", "what the lab runs goes to the homelab"],
        ["vmstation promote lab homelab --dry-run", "whether it may, and what it would change"],
        ["vmstation promote lab homelab --to-tag homelab-20261120-1500", "back to an earlier one"],
      ),
    )
    .action(runs("promote"));
}
