import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(["vmstation bootstrap plan", "compares with the record on the control plane"]),
      ),
  );

export type Input = InputOf<typeof createCommand>;
