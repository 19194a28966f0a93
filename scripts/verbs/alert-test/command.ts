import {
  examples,
  type InputOf,
  newVerb,
  Option,
  parseSeconds,
  withConfig,
} from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .addOption(
        new Option("--severity <name>", "severity of the alert")
          .choices(["warning", "critical"] as const)
          .default("warning" as const),
      )
      .option("--wait <duration>", "how long it may take", parseSeconds, 120)
      .option("--dry-run", "only show what would be sent, and to whom")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation alert test", "a message arrives within a minute"],
          ["vmstation alert test --severity critical", "as a critical alert"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
