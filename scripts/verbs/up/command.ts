import { examples, type InputOf } from "../../kit/verb/command";
import { newChange } from "../../kit/verb/update";

export const createCommand = () =>
  newChange().addHelpText(
    "after",
    examples(
      ["vmstation up", "show what would change, ask, then apply it"],
      ["vmstation up --stack mine --yes", "apply it without a question"],
      ["vmstation up --refresh", "read the machines' state first; an option of the Pulumi CLI"],
    ),
  );

export type Input = InputOf<typeof createCommand>;
