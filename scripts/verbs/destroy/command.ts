import { examples, type InputOf } from "../../kit/verb/command";
import { newChange } from "../../kit/verb/update";

export const createCommand = () =>
  newChange().addHelpText(
    "after",
    examples(
      ["vmstation destroy --dry-run", "show what would be removed from the machines"],
      ["vmstation destroy", "show it, ask, then give the machines back as they were"],
    ),
  );

export type Input = InputOf<typeof createCommand>;
