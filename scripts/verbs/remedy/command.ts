import { Argument, examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";
import { PROBLEMS } from "./problems";

export const createCommand = () =>
  withConfig(
    newVerb()
      .addArgument(
        new Argument("[problem]", "the problem; without it, list all problems").choices(
          PROBLEMS.map(({ name }) => name),
        ),
      )
      .argument("[target]", "a namespace, NAMESPACE/NAME or machine; without it, all of them")
      .option("-y, --yes", "do not ask")
      .option("--dry-run", "only show what would be done")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation remedy", "list the problems that it can repair"],
          ["vmstation remedy crash-loops --dry-run", "show which pods it would restart"],
          ["vmstation remedy not-ready-node homelab", "restart the kubelet on homelab"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
