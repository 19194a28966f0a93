import { collect, examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .option("-m, --machine <name>", "only this machine (repeatable)", collect, [])
      .option("--fix", "apply each drifted resource again")
      .option("--dry-run", "with --fix: only show what would run")
      .option("--no-cache", "make the plan again, even if nothing changed since the last one")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation drift", "compare every machine that is awake"],
          ["vmstation drift -m homelab --fix --dry-run", "show what a fix would run on homelab"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
