import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .argument("[machines...]", "names of machines; without them, all machines")
      .option("--wake", "wake sleeping machines; they go to sleep again when they are idle")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation preflight", "all machines, with everything that stops an update"],
          ["vmstation preflight homelab --wake", "wake homelab, then check it"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
