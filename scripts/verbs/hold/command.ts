import {
  examples,
  type InputOf,
  newVerb,
  Option,
  parseSeconds,
  parseText,
  withConfig,
} from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .argument("<machines...>", "names of machines")
      .option("--for <duration>", "how long, such as 90m or 3h", parseSeconds)
      .option(
        "--why <text>",
        "reason; `vmstation power` shows it; with --release: end only this hold",
        parseText,
      )
      .addOption(new Option("--release", "end the holds now").conflicts("for"))
      .option("--dry-run", "only show what would be done")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation hold homelab --for 3h --why 'a long build'", "keep homelab awake"],
          ["vmstation hold homelab --release", "homelab may sleep again"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
