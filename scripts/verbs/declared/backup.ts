import type { Command } from "commander";
import { examples, runs, withConfig } from "../declare";

/** Verbs about backups: take them, look at them, and put them in place. */
export function addBackupVerbs(program: Command): void {
  addBackup(program);
  addRestore(program);
}

function addBackup(program: Command): void {
  withConfig(program.command("backup"))
    .description("back up now what the timers back up, waking machines that sleep; or list backups")
    .argument("[what]", "etcd, monitoring, apps, one app, or all (default)")
    .option("--list", "show the backups that there are, newest first")
    .option("--dry-run", "only say what would be backed up, and which old backups would go")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation backup", "everything, before a change that you are not sure of"],
        ["vmstation backup etcd", "the cluster's state, proved in a scratch etcd"],
        ["vmstation backup minecraft --list", "which worlds can be had back"],
      ),
    )
    .action(runs("backup"));
}

function addRestore(program: Command): void {
  withConfig(program.command("restore"))
    .description("put a backup in place; what was there is kept beside it; see docs/backup.md")
    .argument("<what>", "etcd, control-plane, monitoring, grafana, one app, …")
    .option("--snapshot <id>", "not the newest backup; `backup --list` shows the ids")
    .option("--target <folder>", "into this folder on the control plane; nothing is replaced")
    .option("-y, --yes <cluster>", "the cluster's name, instead of asking for it")
    .option("--dry-run", "only say what would be put where")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation restore minecraft --dry-run", "what would be put where"],
        ["vmstation restore etcd --yes homelab", "the cluster's state of the newest backup"],
        ["vmstation restore grafana --target /root/look", "only to look into it"],
      ),
    )
    .action(runs("restore"));
}
