import type { Command } from "commander";
import { collect, examples, runs, withConfig, withStack } from "../declare";

/** Verbs about the program: its plan, Pulumi's engine, its configuration. */
export function addPlanVerbs(program: Command): void {
  withConfig(program.command("plan"))
    .description("show what a stack consists of, without the Pulumi CLI; changes nothing")
    .option("--set <layer.key=value>", "plan with another value (repeatable)", collect, [])
    .option("--json", "write one JSON document")
    .option("--graph <file>", "draw the graph to a .svg, .dot or .mmd file")
    .addHelpText(
      "after",
      examples(
        ["vmstation plan --json | jq .warnings", "what is still open, for a program"],
        ["vmstation plan --set bootstrap.method=rke2", "a what-if; no file is touched"],
        ["vmstation plan --graph homelab.svg", "a picture of it"],
      ),
    )
    .action(runs("plan"));
  withStack(program.command("pulumi"))
    .description("run the Pulumi CLI with a local state, unless another is configured")
    .argument("<command>", "preview, up, refresh or destroy")
    .argument("[args...]", "passed on to the CLI as they are")
    .allowUnknownOption()
    .passThroughOptions()
    .addHelpText(
      "after",
      examples(
        ["vmstation pulumi preview --diff", "what Pulumi's engine would change, line by line"],
        ["vmstation pulumi --stack lab up", "apply it to the lab"],
      ),
    )
    .action(runs("pulumi"));
  program
    .command("config")
    .description("print every key of the configuration, its default and what it accepts")
    .addHelpText("after", examples(["vmstation config | less", "all of them, as Markdown"]))
    .action(runs("config"));
}
