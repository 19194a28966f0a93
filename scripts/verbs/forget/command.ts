import { examples, type InputOf, newVerb, withStack } from "../../kit/verb/command";

export const createCommand = () =>
  withStack(
    newVerb()
      .argument("<machine>", "name of the machine")
      .option("-y, --yes", "do not ask")
      .option("--dry-run", "only show what would be removed")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(["vmstation forget homelab --dry-run", "show what would be removed"]),
      ),
  );

export type Input = InputOf<typeof createCommand>;
