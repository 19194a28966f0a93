import { examples, type InputOf, newVerb, withConfig } from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .option("--print", "print the kubeconfig instead; it is a secret")
      .option("--file <file>", "file to change; without it, KUBECONFIG, then ~/.kube/config")
      .option("--use", "make it the current context, even if another one is current")
      .option("--dry-run", "only show what would be written")
      .option("--json", "write one JSON document without the secret")
      .addHelpText(
        "after",
        examples(
          ["vmstation kubeconfig", "then: kubectl --context homelab get nodes"],
          ["vmstation kubeconfig --file ./lab.yaml", "write a file of its own"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
