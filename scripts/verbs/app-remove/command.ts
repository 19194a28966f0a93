import { Argument, examples, type InputOf, newVerb, withStack } from "../../kit/verb/command";

export const createCommand = () =>
  withStack(
    newVerb()
      .addArgument(new Argument("<app>", "name of the app"))
      .option("-y, --yes", "do not ask")
      .option("--dry-run", "only show what would go, and what is kept")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation app remove notes", "take the app out of the stack's file; its data is kept"],
          ["vmstation app remove notes --dry-run", "only show what would go"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
