import { examples, type InputOf, newVerb } from "../../kit/verb/command";

export const createCommand = () =>
  newVerb()
    .argument("<from>", "stack that runs the commit, such as lab")
    .argument("<to>", "stack to update, such as homelab")
    .option("--to-tag <tag>", "go back to this tag; it must be checked out and have run before")
    .option("-y, --yes", "do not ask after the preview")
    .option("--dry-run", "only decide, and show what would change")
    .option("--json", "write one JSON document; the CLI's output goes to stderr")
    .addHelpText(
      "after",
      examples(
        ["vmstation promote lab homelab", "apply to homelab what the lab runs"],
        ["vmstation promote lab homelab --dry-run", "check whether it is allowed"],
        ["vmstation promote lab homelab --to-tag homelab-20261120-1500", "go back to a tag"],
      ),
    );

export type Input = InputOf<typeof createCommand>;
