import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation status", "the stack on one page; no machine is woken"],
          ["vmstation status --json | jq .attention", "what needs attention, as JSON"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
