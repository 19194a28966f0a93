import { examples, type InputOf, newVerb, withStack } from "../../kit/verb/command";

export const createCommand = () =>
  withStack(
    newVerb()
      .argument("<machine>", "the control plane that becomes the controller")
      .option("--force", "also where the present controller still answers")
      .option("-y, --yes", "do not ask")
      .option("--dry-run", "only show what would move, and what is lost")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation takeover birch --dry-run", "show what would move, and what is lost"],
          ["vmstation takeover birch", "make birch the controller, as the present one is dead"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
