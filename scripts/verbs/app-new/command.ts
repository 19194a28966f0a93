import {
  Argument,
  collect,
  examples,
  type InputOf,
  newVerb,
  parseText,
  withStack,
} from "../../kit/verb/command";

export const createCommand = () =>
  withStack(
    newVerb()
      .addArgument(new Argument("<name>", "name of the app, and of its namespace"))
      .option("--chart <name>", "a Helm chart", parseText)
      .option(
        "--repository <url>",
        "where the chart is: https://, oci:// or a folder ./",
        parseText,
      )
      .option("--chart-version <version>", "version of the chart", parseText)
      .option("--kustomize <folder>", "a Kustomize folder of the project", parseText)
      .option("--manifests <file>", "a file with Kubernetes objects (repeatable)", collect, [])
      .option("--machine <name>", "machine that runs it, or anywhere", parseText)
      .option("--dry-run", "only show what would be written")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation app new notes --manifests apps/notes.yaml --machine nas", "from a file"],
          ["vmstation app new board --kustomize apps/board", "from a Kustomize folder"],
          [
            "vmstation app new whoami --chart whoami --repository https://charts.example.org --chart-version 1.2.0",
            "from a chart",
          ],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
