import { examples, type InputOf, newVerb, withStack } from "../../kit/verb/command";

export const createCommand = () =>
  withStack(
    newVerb()
      .option("-y, --yes", "do not ask")
      .option("--dry-run", "only show what would be converted")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation migrate --stack mine --dry-run", "check whether it is needed"],
          ["vmstation migrate --stack mine", "convert it; a copy of the state is kept"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
