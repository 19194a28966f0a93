import type { Command } from "commander";
import { examples, runs, withConfig } from "./declare";

/** Verbs for the operator's day: is everything right, what is going on, and what mends it. */
export function addOperationVerbs(program: Command): void {
  addValidate(program);
}

function addValidate(program: Command): void {
  withConfig(program.command("validate"))
    .description("run the checks on the control plane: what was found, expected, and what to do")
    .argument(
      "[groups...]",
      "cluster, monitoring, network, nodes, pods, storage, services, certificates, time; all unless told",
    )
    .option("--wait <duration>", "look again until all is right, at most this long")
    .option("--failures", "leave out what passes")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation validate", "everything; 0 pass, 1 fail, 2 something could not be looked at"],
        ["vmstation validate pods storage --failures", "what is wrong with pods and volumes"],
        ["vmstation validate --wait 5m", "after a change, until it has settled"],
      ),
    )
    .action(runs("validate"));
}
