import { Argument, examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

/** How much a reset takes away; see docs/bootstrap.md. */
export type Level = "soft" | "hard" | "full";

const LEVELS: readonly Level[] = ["soft", "hard", "full"];

export const createCommand = () =>
  withConfig(
    newVerb()
      .addArgument(new Argument("<level>", "how much to reset").choices(LEVELS))
      .option("-y, --yes <cluster>", "do not ask; the value is the name of the cluster")
      .option("--keep-state", "do not change Pulumi's state, for a state that is kept elsewhere")
      .option("--dry-run", "only show what would be done")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation reset soft", "run cluster.yml again; nothing is removed"],
          ["vmstation reset hard --dry-run", "show what wiping the cluster would do"],
          ["vmstation reset full", "remove the cluster and all settings on the machines"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
