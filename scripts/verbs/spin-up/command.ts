import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .option("-y, --yes", "do not ask")
      .option("--dry-run", "only show the order")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(["vmstation spin-up", "start all machines and their workloads"]),
      ),
  );

export type Input = InputOf<typeof createCommand>;
