import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .argument("<machines...>", "names of machines")
      .option("--no-wait", "only send the magic packet")
      .option("--dry-run", "only show which machines sleep")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation wake homelab", "wake homelab, and wait until its node is Ready"],
          ["vmstation wake nas media --no-wait", "only send the packets"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
