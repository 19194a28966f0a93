import {
  examples,
  type InputOf,
  newVerb,
  withArchitecture,
  withConfig,
} from "../../kit/verb/command";

export const createCommand = () =>
  withArchitecture(withConfig(newVerb()))
    .option("--folder <folder>", "a folder of `mirror fetch`: helm renders its charts for images")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation mirror list", "what the machines download, by part"],
        ["vmstation mirror list --json | jq -r '.images[].image'", "only the images"],
      ),
    );

export type Input = InputOf<typeof createCommand>;
