import {
  Argument,
  examples,
  type InputOf,
  newVerb,
  parseSeconds,
  withConfig,
} from "../../kit/verb/command";
import { VALIDATION_GROUPS } from "../../kit/validation-groups";

export const createCommand = () =>
  withConfig(
    newVerb()
      .addArgument(
        new Argument("[groups...]", "groups of checks; without them, all").choices([
          ...VALIDATION_GROUPS,
          "all",
        ]),
      )
      .option(
        "--wait <duration>",
        "repeat the checks until all pass, for at most this time, such as 5m",
        parseSeconds,
      )
      .option("--failures", "show only checks that do not pass")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation validate", "run all checks"],
          ["vmstation validate pods storage --failures", "only problems of pods and volumes"],
          ["vmstation validate --wait 5m", "after a change: wait until everything passes"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
