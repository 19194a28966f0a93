import { hoistOptions } from "../../kit/verb/hoist-options";
import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  hoistOptions(
    withConfig(newVerb())
      .argument("<machine>", "name of the machine")
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
