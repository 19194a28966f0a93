import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .option("-y, --yes", "do not ask")
      .option("--even-if-in-use", "switch off machines that are in use or held awake, too")
      .option("--dry-run", "only show the order, and what forbids it")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(["vmstation spin-down --dry-run", "show the order; nothing is done"]),
      ),
  );

export type Input = InputOf<typeof createCommand>;
