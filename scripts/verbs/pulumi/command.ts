import { Argument, examples, type InputOf, newVerb, withStack } from "../../kit/verb/command";
import { PULUMI_COMMANDS } from "../../kit/pulumi/arguments";

export const createCommand = () =>
  withStack(
    newVerb()
      .addArgument(new Argument("<command>", "command of the CLI").choices(PULUMI_COMMANDS))
      .argument("[args...]", "passed to the CLI unchanged")
      .allowUnknownOption()
      .passThroughOptions()
      .addHelpText(
        "after",
        examples(
          ["vmstation pulumi preview --diff", "show each changed line; changes nothing"],
          ["vmstation pulumi --stack lab up", "apply the stack lab"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
