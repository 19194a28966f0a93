import { examples, type InputOf } from "../../kit/verb/command";
import { exampleOption, newUpdate } from "../../kit/verb/update";

export const createCommand = () =>
  newUpdate()
    .addOption(exampleOption())
    .addHelpText(
      "after",
      examples(
        ["vmstation preview", "show what an update would change"],
        ["vmstation preview --diff", "show each changed line"],
        ["vmstation preview --json", "the changes as JSON"],
      ),
    );

export type Input = InputOf<typeof createCommand>;
