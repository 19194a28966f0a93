import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .argument("<what>", "etcd, control-plane, monitoring, grafana, or the name of one app")
      .option(
        "--snapshot <id>",
        "backup to restore; without it, the newest; `backup --list` shows the ids",
      )
      .option("--target <folder>", "extract into this folder on the control plane; replace nothing")
      .option("-y, --yes <cluster>", "do not ask; give the cluster's name as confirmation")
      .option("--dry-run", "only show what would be restored, and where")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation restore minecraft --dry-run", "show what would be restored"],
          ["vmstation restore etcd --yes homelab", "restore the newest snapshot of etcd"],
          ["vmstation restore grafana --target /root/look", "extract the backup to inspect it"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
