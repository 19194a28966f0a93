import {
  Argument,
  collect,
  examples,
  type InputOf,
  newVerb,
  parseGraphFile,
  withConfig,
} from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .addArgument(
        new Argument("[file]", "a .svg, .png, .dot or .mmd file; without it, STACK.svg").argParser(
          parseGraphFile,
        ),
      )
      .option(
        "--set <layer.key=value>",
        "draw with another value; no file is changed (repeatable)",
        collect,
        [],
      )
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation graph", "writes homelab.svg"],
          ["vmstation graph plan.mmd", "writes a Mermaid diagram"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
