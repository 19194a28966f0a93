import {
  Argument,
  examples,
  type InputOf,
  newVerb,
  parseGraphFile,
  settingsOption,
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
      .addOption(settingsOption("draw"))
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
