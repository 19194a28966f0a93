import { Argument, examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .addArgument(
        new Argument("[test]", "put machines to sleep and wake them again").choices(["test"]),
      )
      .argument("[machines...]", "machines to test")
      .option("--dry-run", "with test: only show what forbids the test")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation power", "show the state of all machines"],
          ["vmstation power test homelab", "homelab may sleep only after it passed this test"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
