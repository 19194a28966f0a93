import { examples, type InputOf } from "../../kit/verb/command";
import { newChange } from "../../kit/verb/update";

export const createCommand = () =>
  newChange().addHelpText(
    "after",
    examples(
      ["vmstation refresh", "read the cluster, and write what is there into the state"],
      ["vmstation refresh --dry-run", "only show what differs"],
    ),
  );

export type Input = InputOf<typeof createCommand>;
