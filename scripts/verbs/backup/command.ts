import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .argument("[what]", "etcd, monitoring, apps, or the name of one app", "all")
      .option("--list", "list the backups, newest first; back up nothing")
      .option(
        "--dry-run",
        "only show what would be backed up, and which old backups would be deleted",
      )
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation backup", "back up everything, before a risky change"],
          ["vmstation backup etcd", "back up etcd, and test the snapshot"],
          ["vmstation backup minecraft --list", "list the backups of minecraft"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
