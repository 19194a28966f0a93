import type { Command } from "commander";
import { collect, examples, runs, withStack } from "../declare";

/** Verbs about stacks: how one comes to be, and how a change goes from one to the next. */
export function addStackVerbs(program: Command): void {
  addInit(program);
  addPromote(program);
  addMigrate(program);
}

function addInit(program: Command): void {
  withStack(program.command("init"))
    .description("look at your machines over SSH and write the stack's file; asks for them")
    .option("--from <inventory>", "read them from an Ansible inventory (INI or YAML) instead")
    .option("-m, --machine <host>", "of the inventory only these: hosts or groups", collect, [])
    .option("--control-plane <host>", "with --from: a control plane (host or group)", collect, [])
    .option("--etcd <host>", "with --from: an etcd member (host or group)", collect, [])
    .option("--worker <host>", "with --from: a worker (host or group)", collect, [])
    .option("--sleeps <host>", "with --from: sleeps when idle (host or group)", collect, [])
    .option("--without-vault", "with --from: skip the files that Ansible Vault encrypts")
    .option("--user <name>", "who logs in where the inventory does not say (default: you)")
    .option("--set <layer.key=value>", "write this value too (repeatable)", collect, [])
    .option("--force", "replace the file if there is one; a copy is kept")
    .option("-y, --yes", "without asking, once you have compared the fingerprints")
    .option("--dry-run", "print the file instead of writing it")
    .option("--json", "write one JSON document, the file's text in it")
    .addHelpText(
      "after",
      examples(
        ["vmstation init --stack mine", "asks for the machines, looks, writes Pulumi.mine.yaml"],
        ["vmstation init --stack mine --from inventory.ini --dry-run", "only show the file"],
        [
          "vmstation init --from hosts.yml --sleeps nas --set apps.jellyfin.machine=nas",
          "with more",
        ],
      ),
    )
    .action(runs("init"));
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

function addMigrate(program: Command): void {
  withStack(program.command("migrate"))
    .description("convert a state that an earlier version wrote; changes no machine")
    .option("-y, --yes", "without asking")
    .option("--dry-run", "only say what would become what")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation migrate --stack mine --dry-run", "whether there is anything to do"],
        ["vmstation migrate --stack mine", "do it; a copy of the state is kept"],
      ),
    )
    .action(runs("migrate"));
}
