import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .argument("[machines...]", "names of machines; without them, all machines")
      .option(
        "-o, --output <path>",
        "new folder, or .tar.gz file; without it, diagnosis-STACK-TIME in this folder",
      )
      .option("--json", "write one JSON document about the report")
      .addHelpText(
        "after",
        examples(
          ["vmstation diagnose", "a folder with report.md and report.json"],
          ["vmstation diagnose -o evidence.tar.gz", "one file to send to somebody"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
