import { Argument, examples, type InputOf, newVerb } from "../../kit/verb/command";

export const createCommand = () =>
  newVerb()
    .addArgument(
      new Argument("<shell>", "the shell that you type in").choices([
        "bash",
        "zsh",
        "fish",
      ] as const),
    )
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation completion bash >> ~/.bashrc", "completes `vmstation` and `npx vmstation`"],
        ["vmstation completion zsh >> ~/.zshrc", "the same for zsh"],
        ["vmstation completion fish > ~/.config/fish/conf.d/vmstation.fish", "and for fish"],
      ),
    );

export type Input = InputOf<typeof createCommand>;
