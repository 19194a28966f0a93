import { Argument, examples, type InputOf, newVerb, withNamedStack } from "../../kit/verb/command";
import { PULUMI_COMMANDS } from "../../kit/pulumi/arguments";

export const createCommand = () =>
  withNamedStack(
    newVerb()
      .addArgument(new Argument("<command>", "command of the CLI").choices(PULUMI_COMMANDS))
      .argument("[args...]", "passed to the CLI unchanged")
      .allowUnknownOption()
      .passThroughOptions()
      .addHelpText(
        "after",
        examples(
          ["vmstation pulumi preview --diff", "show each changed line; changes nothing"],
          ["vmstation pulumi --stack lab stack output", "show what the stack lab yields"],
          ["vmstation pulumi stack select lab", "use the stack lab in this folder from now on"],
        ),
      ),
    "stack to use; default: the selected one, else the only one",
  );

export type Input = InputOf<typeof createCommand>;
