import { examples, type InputOf, newVerb } from "../../kit/verb/command";

export const createCommand = () =>
  newVerb().addHelpText("after", examples(["vmstation config | less", "read them page by page"]));

export type Input = InputOf<typeof createCommand>;
