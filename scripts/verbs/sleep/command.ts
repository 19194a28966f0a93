import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .argument("<machines...>", "names of machines")
      .option("--dry-run", "only show what keeps them awake")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(["vmstation sleep homelab --dry-run", "show what keeps homelab awake"]),
      ),
  );

export type Input = InputOf<typeof createCommand>;
