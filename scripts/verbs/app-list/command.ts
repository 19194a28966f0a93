import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation app list", "each app, where it runs and how people reach it"],
          ["vmstation app list --json", "the same for a program"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
