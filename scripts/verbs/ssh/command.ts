import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .argument("<machine>", "name of the machine; write options before it")
      .argument("[command...]", "run this command instead of a shell, and return its exit code")
      .passThroughOptions()
      .addHelpText(
        "after",
        examples(
          ["vmstation ssh homelab", "open a shell"],
          ["vmstation ssh homelab -- journalctl -b", "run one command"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
