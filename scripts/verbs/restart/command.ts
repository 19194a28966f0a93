import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .argument("<machines...>", "names of machines; one is restarted at a time, in this order")
      .option("-y, --yes", "do not ask")
      .option("--dry-run", "only show what would be done")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(["vmstation restart homelab", "drain homelab, restart it, and let it take pods"]),
      ),
  );

export type Input = InputOf<typeof createCommand>;
