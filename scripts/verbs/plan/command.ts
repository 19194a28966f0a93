import {
  examples,
  type InputOf,
  newVerb,
  parseGraphFile,
  settingsOption,
  withConfig,
} from "../../kit/verb/command";
import { exampleOption } from "../../kit/verb/update";

export const createCommand = () =>
  withConfig(
    newVerb()
      .addOption(settingsOption("plan"))
      .addOption(exampleOption())
      .option("--json", "write one JSON document")
      .option(
        "--graph <file>",
        "also draw the graph: a .svg, .png, .dot or .mmd file",
        parseGraphFile,
      )
      .addHelpText(
        "after",
        examples(
          ["vmstation plan --json | jq .warnings", "the open questions as JSON"],
          ["vmstation plan --set bootstrap.method=rke2", "the plan with RKE2"],
          ["vmstation plan --graph homelab.svg", "the plan as a picture"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
