import { Argument, examples, type InputOf, newVerb } from "../../kit/verb/command";

export const createCommand = () =>
  newVerb()
    .addArgument(new Argument("[key]", "explain this layer or key only, such as machines"))
    .option("--json", "write one JSON document: each key, what it accepts, what it is for")
    .option("--schema", "print the JSON Schema of a stack's file, for editors")
    .addHelpText(
      "after",
      examples(
        ["vmstation config machines", "explain the keys of one layer"],
        ["vmstation config machines.NAME.mounts", "explain one key and what is below it"],
        ["vmstation config | less", "read all keys, as Markdown"],
        ["vmstation config --schema", "what docs/stack.schema.json holds"],
      ),
    );

export type Input = InputOf<typeof createCommand>;
